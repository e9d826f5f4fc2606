// Pictures of frames and their masks, with a cache of each.

const MOST_KEPT = 60;

class Cache {
  constructor() { this.kept = new Map(); }

  get(key) { return this.kept.get(key); }

  set(key, value) {
    this.kept.delete(key);
    this.kept.set(key, value);
    if (this.kept.size > MOST_KEPT) this.kept.delete(this.kept.keys().next().value);
  }
}

export class Frames {
  constructor(service) {
    Object.assign(this, {service, pictures: new Cache(), masks: new Cache(), request: null, asked: ''});
  }

  // The picture of a frame, or null if it cannot be loaded.
  async picture(clip, index) {
    const address = this.service.frameAddress(clip, index);
    if (!this.pictures.get(address)) {
      const image = new Image();
      image.src = address;
      this.pictures.set(address, image.decode().then(() => image, () => null));
    }
    return this.pictures.get(address);
  }

  // Load the next pictures ahead of their time.
  prefetch(clip, index, count) {
    for (let next = index + 1; next <= Math.min(index + count, clip.length - 1); next++) this.picture(clip, next);
  }

  maskAddress(app) {
    return this.service.maskAddress(app.ui.model, app.ui.frame, `${app.work.clip.version}-${app.work.revision}-${app.results.version}`);
  }

  knownMask(app) { return this.masks.get(this.maskAddress(app)); }

  // Ask for the masks of the current frame; the request before is given up. `null`: another one has taken its place.
  async mask(app) {
    const address = this.maskAddress(app);
    if (address === this.asked) return null;
    this.request?.abort();
    this.request = new AbortController();
    this.asked = address;
    try {
      const found = await this.service.masks(address, this.request.signal);
      this.masks.set(address, found.picture);
      return found;
    } catch (error) {
      if (error.name === 'AbortError') return null;
      this.masks.set(address, null);
      throw error;
    } finally {
      if (this.asked === address) this.asked = '';
    }
  }
}
