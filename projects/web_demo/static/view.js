// The canvas: a frame of the clip, its masks, its prompts, and the prompt in progress.
// Points are in pixels of the frame, not of the canvas.
import {paintCursor, paintPrompt, paintRing} from './painting.js';

export class View {
  constructor(canvas) {
    Object.assign(this, {canvas, size: null, picture: null, masks: null, prompts: [], gesture: null,
                         pointer: null, cursor: null, ring: 0, current: false});
    new ResizeObserver(() => this.paint()).observe(canvas);
  }

  setClip({width, height}) {
    Object.assign(this, {size: [width, height], picture: null, masks: null, gesture: null, pointer: null,
                         cursor: null});
    this.canvas.setAttribute('aria-busy', true);  // until its first picture is there
    this.canvas.style.aspectRatio = `${width} / ${height}`;
    this.canvas.style.setProperty('--shape', width / height);
  }

  // `ring`: radius of the brush, 0: none. `current`: the masks are those of the prompts, so that strokes are not drawn.
  show(changes) {
    Object.assign(this, changes);
    if (this.picture) this.canvas.removeAttribute('aria-busy');
    this.paint();
  }

  // The frame's rectangle inside the canvas, which may be wider or higher: [left, top, scale] in CSS pixels.
  placed() {
    const {clientWidth: wide, clientHeight: high} = this.canvas;
    const scale = Math.min(wide / this.size[0], high / this.size[1]);
    return [(wide - scale * this.size[0]) / 2, (high - scale * this.size[1]) / 2, scale];
  }

  inside([x, y]) {
    const limited = (value, limit) => Math.min(Math.max(value, 0), limit - 0.01);
    return [limited(x, this.size[0]), limited(y, this.size[1])];
  }

  // The point of an event.
  point(event) {
    const box = this.canvas.getBoundingClientRect();
    const [left, top, scale] = this.placed();
    return this.inside([(event.clientX - box.left - this.canvas.clientLeft - left) / scale,
                        (event.clientY - box.top - this.canvas.clientTop - top) / scale]);
  }

  paint() {
    if (!this.picture) return;
    const {canvas, size} = this, density = window.devicePixelRatio || 1;
    const wide = Math.round(canvas.clientWidth * density), high = Math.round(canvas.clientHeight * density);
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, {width: wide, height: high});
    const pen = canvas.getContext('2d'), [left, top, scale] = this.placed();
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, wide, high);
    pen.setTransform(density * scale, 0, 0, density * scale, density * left, density * top);
    pen.drawImage(this.picture, 0, 0, ...size);
    if (this.masks) pen.drawImage(this.masks, 0, 0, ...size);
    for (const prompt of this.prompts) if (prompt.kind !== 'brush' || !this.current) paintPrompt(pen, prompt, scale);
    if (this.gesture) paintPrompt(pen, {...this.gesture, colour: '#ffffff'}, scale);
    const place = this.cursor ?? this.pointer;
    if (this.ring && place) paintRing(pen, place, this.ring, scale);
    if (this.cursor) paintCursor(pen, this.cursor, scale);
  }
}
