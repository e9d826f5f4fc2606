// The keyboard: a cursor on the canvas, and keys for the whole page.
import {announce} from './dom.js';

const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

export class Keyboard {
  constructor(app, view) {
    Object.assign(this, {app, view, corner: null});
    view.canvas.addEventListener('keydown', (event) => this.onCanvas(event));
    view.canvas.addEventListener('focus', () => this.enter());
    view.canvas.addEventListener('blur', () => { this.corner = null; view.show({cursor: null, gesture: null}); });
    document.addEventListener('keydown', (event) => this.onPage(event));
  }

  // A cursor in the middle, if the canvas was reached by the keyboard.
  enter() {
    if (!this.view.size || !this.view.canvas.matches(':focus-visible')) return;
    this.move([0, 0], 0);
  }

  move([x, y], step) {
    const {view} = this, [width, height] = view.size;
    const [left, top] = view.cursor ?? view.pointer ?? [width / 2, height / 2];
    const cursor = view.inside([Math.round(left + step * x), Math.round(top + step * y)]);
    const gesture = this.corner && {kind: 'box', points: [this.corner, cursor], positive: true, radius: 0};
    view.show({cursor, gesture});
    announce(`x ${Math.round(cursor[0])}, y ${Math.round(cursor[1])}`);
  }

  onCanvas(event) {
    if (!this.app.work || event.ctrlKey || event.metaKey) return;
    const {view} = this, largest = Math.max(...view.size);
    if (event.key in ARROWS) {
      this.move(ARROWS[event.key], event.shiftKey ? 1 : Math.max(1, Math.round(largest / 60)));
    } else if (event.key === 'Enter') {
      this.enterPrompt(!event.shiftKey);
    } else if (event.key === 'Escape' && this.corner) {
      this.corner = null;
      view.show({gesture: null});
    } else {
      return;
    }
    event.preventDefault();
  }

  enterPrompt(positive) {
    const {app, view} = this;
    if (!app.canPrompt) return;
    if (!view.cursor) this.move([0, 0], 0);
    const prompt = {kind: app.ui.tool, positive, points: [view.cursor], radius: app.ui.tool === 'brush' ? app.ui.radius : 0, frame: app.ui.frame};
    if (prompt.kind === 'box' && !positive) prompt.kind = 'point';
    if (prompt.kind === 'box' && !this.corner) {
      this.corner = view.cursor;
      announce('First corner. Move the cursor to the opposite corner and press Enter.');
      return;
    }
    if (prompt.kind === 'box') prompt.points = [this.corner, view.cursor];
    this.corner = null;
    view.show({gesture: null});
    app.addPrompt(prompt);
  }

  onPage(event) {
    const {app} = this, {target} = event, key = event.key.toLowerCase();
    if (target.matches('input:not([type=range], [type=radio], [type=checkbox]), select, textarea')) return;
    if (event.ctrlKey || event.metaKey) {
      if (!['z', 'y'].includes(key) || event.altKey) return;
      app.step(key === 'y' || event.shiftKey ? 'redo' : 'undo');
    } else if (key === ',' || key === '.') {
      app.setFrame(app.ui.frame + (key === '.' ? 1 : -1));
    } else if ((key === '[' || key === ']') && app.canPrompt) {
      app.set({radius: Math.max(1, app.ui.radius + (key === ']' ? 2 : -2))});
    } else if (key === 'n' && !event.altKey && app.canPrompt) {
      app.set({object: null});
      announce('The next prompt starts a new object.');
    } else if (key === 'delete' && app.canPrompt && app.ui.object !== null) {
      app.act(app.service.delete(app.ui.object));
    } else {
      return;
    }
    event.preventDefault();
  }
}
