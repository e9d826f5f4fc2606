// The canvas: a frame of the clip, its drawings, and the drawing in progress.
// Points are in pixels of the frame, not of the canvas.

export class Stage {
  constructor(canvas, onGesture) {
    Object.assign(this, {canvas, onGesture, image: null, drawings: [], gesture: null, tool: null, radius: 8});
    canvas.addEventListener('pointerdown', (event) => this.begin(event));
    canvas.addEventListener('pointermove', (event) => this.go(event));
    canvas.addEventListener('pointerup', (event) => this.end(event));
    canvas.addEventListener('pointercancel', () => { this.gesture = null; this.paint(); });
    canvas.addEventListener('pointerleave', () => { this.pointer = null; this.paint(); });
    new ResizeObserver(() => this.paint()).observe(canvas);
  }

  // `tool`: point, box, brush, or null if drawing is disabled.
  use(tool, radius) {
    Object.assign(this, {tool, radius});
    this.canvas.classList.toggle('draws', Boolean(tool && this.size));
    this.paint();
  }

  setClip(clip) {
    this.size = clip && [clip.width, clip.height];
    this.image = this.gesture = null;
    if (clip) this.canvas.style.aspectRatio = `${clip.width} / ${clip.height}`;
  }

  show(image, drawings) {
    Object.assign(this, {image, drawings});
    this.paint();
  }

  // The frame's rectangle inside the canvas, which may be wider or higher: [left, top, scale] in CSS pixels.
  placed() {
    const box = this.canvas.getBoundingClientRect();
    const scale = Math.min(box.width / this.size[0], box.height / this.size[1]);
    return [(box.width - scale * this.size[0]) / 2, (box.height - scale * this.size[1]) / 2, scale];
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const [left, top, scale] = this.placed();
    const inside = (value, limit) => Math.min(Math.max(value, 0), limit - 0.01);
    return [inside((event.clientX - box.left - left) / scale, this.size[0]),
            inside((event.clientY - box.top - top) / scale, this.size[1])];
  }

  begin(event) {
    if (!this.tool || !this.image || event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.gesture = {kind: this.tool, places: [this.place(event)], radius: this.tool === 'brush' ? this.radius : 0};
    this.paint();
  }

  go(event) {
    if (!this.size) return;
    this.pointer = this.place(event);
    const gesture = this.gesture;
    if (gesture?.kind === 'point') gesture.places = [this.pointer];
    if (gesture?.kind === 'box') gesture.places = [gesture.places[0], this.pointer];
    if (gesture?.kind === 'brush' && gesture.places.length < 2000) gesture.places.push(this.pointer);
    if (this.tool) this.paint();
  }

  end(event) {
    if (!this.gesture) return;
    this.go(event);
    const gesture = this.gesture;
    this.gesture = null;
    this.onGesture(gesture);
  }

  paint() {
    if (!this.image) return;
    const {canvas, size} = this, density = window.devicePixelRatio || 1;
    const wide = Math.round(canvas.clientWidth * density), high = Math.round(canvas.clientHeight * density);
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, {width: wide, height: high});
    const pen = canvas.getContext('2d'), [left, top, scale] = this.placed();
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, wide, high);
    pen.setTransform(density * scale, 0, 0, density * scale, density * left, density * top);
    pen.drawImage(this.image, 0, 0, ...size);
    for (const drawing of this.drawings) paintDrawing(pen, drawing, scale);
    if (this.gesture) paintDrawing(pen, {...this.gesture, colour: '#ffffff'}, scale);
    if (this.tool === 'brush' && this.pointer) paintRing(pen, this.pointer, this.radius, scale);
  }
}

function paintDrawing(pen, {kind, places, radius, colour, identity}, scale) {
  pen.lineCap = pen.lineJoin = 'round';
  ({point: paintPoint, box: paintBox, brush: paintStroke})[kind](pen, places, colour, scale, radius);
  if (identity) paintNumber(pen, places[0], identity, colour, scale);
}

function paintPoint(pen, [[x, y]], colour, scale) {
  pen.beginPath();
  pen.arc(x, y, 6 / scale, 0, 7);
  fillAndRim(pen, colour, scale);
}

function paintBox(pen, [first, second], colour, scale) {
  if (!second) return;
  for (const [style, width] of [['#000a', 5], [colour, 3]]) {
    Object.assign(pen, {strokeStyle: style, lineWidth: width / scale});
    pen.strokeRect(...first, second[0] - first[0], second[1] - first[1]);
  }
}

function paintStroke(pen, places, colour, scale, radius) {
  pen.globalAlpha = 0.6;
  Object.assign(pen, {strokeStyle: colour, lineWidth: 2 * radius});
  pen.beginPath();
  pen.moveTo(...places[0]);
  for (const place of [...places, places[0]].slice(1, Math.max(2, places.length))) pen.lineTo(...place);
  pen.stroke();
  pen.globalAlpha = 1;
}

function paintNumber(pen, [x, y], identity, colour, scale) {
  const text = String(identity), size = 12 / scale;
  pen.font = `600 ${size}px system-ui, sans-serif`;
  const wide = pen.measureText(text).width + size * 0.7;
  y = Math.max(y, 1.7 * size);  // stays inside the frame
  pen.fillStyle = '#000b';
  pen.fillRect(x + 9 / scale, y - 1.7 * size, wide, 1.4 * size);
  pen.fillStyle = '#fff';
  pen.fillText(text, x + 9 / scale + size * 0.35, y - 0.62 * size);
}

function paintRing(pen, [x, y], radius, scale) {
  Object.assign(pen, {strokeStyle: '#fffd', lineWidth: 1.5 / scale});
  pen.beginPath();
  pen.arc(x, y, radius, 0, 7);
  pen.stroke();
}

function fillAndRim(pen, colour, scale) {
  Object.assign(pen, {fillStyle: colour, strokeStyle: '#fff', lineWidth: 2 / scale});
  pen.fill();
  pen.stroke();
}
