// Mouse, pen and touch on the canvas: gestures become prompts.
// Left button: the selected tool and sign. Right button or Alt: negative; with a box selected, a negative point.

const MOST_POINTS = 2000;

export class Pointer {
  constructor(app, view) {
    Object.assign(this, {app, view});
    const {canvas} = view;
    canvas.addEventListener('pointerdown', (event) => this.begin(event));
    canvas.addEventListener('pointermove', (event) => this.go(event));
    canvas.addEventListener('pointerup', (event) => this.end(event));
    canvas.addEventListener('pointercancel', () => this.cancel());
    canvas.addEventListener('pointerleave', () => view.show({pointer: null}));
    canvas.addEventListener('contextmenu', (event) => { if (app.canPrompt) event.preventDefault(); });
  }

  begin(event) {
    const {app, view} = this;
    if (!app.canPrompt || !view.picture || view.gesture || ![0, 2].includes(event.button)) return;
    view.canvas.setPointerCapture(event.pointerId);
    const positive = app.ui.positive && !event.altKey && event.button === 0;
    const kind = app.ui.tool === 'box' && !positive ? 'point' : app.ui.tool;
    view.show({cursor: null, gesture: {kind, positive, points: [view.point(event)], radius: kind === 'brush' ? app.ui.radius : 0}});
  }

  go(event) {
    const {view} = this, {gesture} = view;
    if (!view.size) return;
    const point = view.point(event);
    if (gesture?.kind === 'point') gesture.points = [point];
    if (gesture?.kind === 'box') gesture.points = [gesture.points[0], point];
    if (gesture?.kind === 'brush' && gesture.points.length < MOST_POINTS) gesture.points.push(point);
    view.show({pointer: point});
  }

  end(event) {
    if (!this.view.gesture) return;
    this.go(event);
    const {gesture} = this.view;
    this.cancel();
    this.app.addPrompt({...gesture, frame: this.app.ui.frame});
  }

  cancel() { this.view.show({gesture: null}); }
}
