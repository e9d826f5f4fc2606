// Requests to the server. A page has one session, whose token no other page knows.

export class Service {
  async open() {
    Object.assign(this, await request('api/sessions', {method: 'POST'}));
    this.base = `api/sessions/${this.token}`;
    return this;
  }

  state() { return request(this.base); }
  example(name) { return this.post(`examples/${encodeURIComponent(name)}`); }
  trim(first, last) { return this.post('part', {first, last}); }
  addPrompt(prompt) { return this.post('prompts', prompt); }
  // `step`: undo, redo or clear.
  step(step) { return this.post(`prompts/${step}`); }
  rename(object, name) { return this.post(`objects/${object}/name`, {name}); }
  delete(object) { return this.post(`objects/${object}/delete`); }
  prepare(model) { return this.post(`prepare/${model}`); }
  run(model, direction) { return this.post(`run/${model}?direction=${direction}`); }
  stop() { return this.post('stop'); }
  export(model, kind) { return this.post(`files/${model}/${kind}`); }
  // Also sent while the page is unloaded.
  close() { navigator.sendBeacon(`${this.base}/close`); }

  post(path, content) {
    return request(`${this.base}/${path}`, {method: 'POST', body: content && JSON.stringify(content)});
  }

  // Versions make addresses of different clips and results differ.
  frameAddress(clip, index) { return `${this.base}/frames/${index}.jpg?${clip.version}`; }
  maskAddress(model, index, version) { return `${this.base}/masks/${model}/${index}.png?${version}`; }
  fileAddress(model, kind) { return `${this.base}/files/${model}/${kind}?${Date.now()}`; }

  // Masks of a frame as {picture, milliseconds}; `picture` is null where there are none, `milliseconds` is the time of
  // a preview, or undefined where the masks were known.
  async masks(address, signal) {
    const response = await send(address, {signal});
    if (!response.ok) throw failure(await response.json().catch(() => null), response.status);
    const timing = response.headers.get('Server-Timing')?.match(/dur=(\d+)/);
    const picture = response.status === 204 ? null : await createImageBitmap(await response.blob());
    return {picture, milliseconds: timing && Number(timing[1])};
  }

  // `onProgress` gets the fraction sent; fetch does not report it.
  upload(file, onProgress) {
    const mb = this.limits.megabytes;
    if (file.size > mb * 1e6) {
      const size = (file.size / 1e6).toFixed(1);
      return Promise.reject(new Error(`${file.name} has ${size} MB; the limit is ${mb} MB. Cut it, or save it smaller.`));
    }
    return new Promise((resolve, reject) => {
      const sender = new XMLHttpRequest();
      sender.open('POST', `${this.base}/clip?name=${encodeURIComponent(file.name)}`);
      sender.responseType = 'json';
      sender.upload.onprogress = (event) => onProgress(event.loaded / event.total);
      sender.onload = () => sender.status === 200 ? resolve(sender.response) : reject(failure(sender.response, sender.status));
      sender.onerror = () => reject(new Error('The upload failed. Is the server still running?'));
      sender.send(file);
    });
  }
}

async function send(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Error('The server does not answer. Is it still running?');
  }
}

async function request(path, options) {
  const response = await send(path, options);
  const content = await response.json().catch(() => null);
  if (!response.ok) throw failure(content, response.status);
  return content;
}

function failure(content, status) {
  return Object.assign(new Error(content?.error ?? 'Internal server error; see the log of the server.'), {status});
}
