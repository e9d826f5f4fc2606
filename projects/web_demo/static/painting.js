// Prompts, the cursor and the brush on the canvas. Lengths divided by `scale` are in CSS pixels.

export function paintPrompt(pen, {kind, points, radius, positive, colour, number}, scale) {
  pen.lineCap = pen.lineJoin = 'round';
  ({point: paintPoint, box: paintBox, brush: paintStroke})[kind](pen, points, colour, scale, positive, radius);
  if (number) paintNumber(pen, points[0], number, scale);
}

function paintPoint(pen, [[x, y]], colour, scale, positive) {
  const size = 8 / scale, arm = 4 / scale;
  pen.beginPath();
  pen.arc(x, y, size, 0, 7);
  Object.assign(pen, {fillStyle: positive ? colour : '#fff', strokeStyle: positive ? '#fff' : colour, lineWidth: 2.5 / scale});
  pen.fill();
  pen.stroke();
  Object.assign(pen, {strokeStyle: positive ? '#fff' : '#c0202c', lineWidth: 2.2 / scale});
  pen.beginPath();
  pen.moveTo(x - arm, y);
  pen.lineTo(x + arm, y);
  if (positive) {
    pen.moveTo(x, y - arm);
    pen.lineTo(x, y + arm);
  }
  pen.stroke();
}

function paintBox(pen, [first, second], colour, scale) {
  if (!second) return;
  for (const [style, width] of [['#000a', 5], [colour, 3]]) {
    Object.assign(pen, {strokeStyle: style, lineWidth: width / scale});
    pen.strokeRect(...first, second[0] - first[0], second[1] - first[1]);
  }
}

function paintStroke(pen, points, colour, scale, positive, radius) {
  pen.globalAlpha = 0.6;
  Object.assign(pen, {strokeStyle: positive ? colour : '#000', lineWidth: 2 * radius});
  pen.beginPath();
  pen.moveTo(...points[0]);
  for (const point of [...points, points[0]].slice(1, Math.max(2, points.length))) pen.lineTo(...point);
  pen.stroke();
  pen.globalAlpha = 1;
}

function paintNumber(pen, [x, y], number, scale) {
  const text = String(number), size = 12 / scale;
  pen.font = `600 ${size}px system-ui, sans-serif`;
  const wide = pen.measureText(text).width + size * 0.7;
  y = Math.max(y, 1.9 * size);  // stays inside the frame
  pen.fillStyle = '#000b';
  pen.fillRect(x + 10 / scale, y - 1.9 * size, wide, 1.4 * size);
  pen.fillStyle = '#fff';
  pen.fillText(text, x + 10 / scale + size * 0.35, y - 0.82 * size);
}

export function paintRing(pen, [x, y], radius, scale) {
  for (const [style, width] of [['#0009', 3.5], ['#fff', 1.5]]) {
    Object.assign(pen, {strokeStyle: style, lineWidth: width / scale});
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    pen.stroke();
  }
}

// The cursor that arrow keys move.
export function paintCursor(pen, [x, y], scale) {
  const arm = 14 / scale, gap = 4 / scale;
  for (const [style, width] of [['#000c', 5], ['#fff', 2]]) {
    Object.assign(pen, {strokeStyle: style, lineWidth: width / scale});
    pen.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      pen.moveTo(x + gap * dx, y + gap * dy);
      pen.lineTo(x + arm * dx, y + arm * dy);
    }
    pen.stroke();
  }
}
