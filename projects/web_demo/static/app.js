// State of the page: what the server knows, and what the user has selected. Parts of the page redraw on every change.
import {announce, say} from './dom.js';

const POLL_RUNNING = 300, POLL_IDLE = 30000;

export class App {
  constructor(service) {
    Object.assign(this, {service, work: null, job: null, parts: [], timer: null, last: Promise.resolve()});
    // `object`: id of the selected object; null: the next prompt starts one. `follow`: show the frames of a run.
    this.ui = {model: null, frame: 0, object: null, tool: 'point', positive: true, radius: 8,
               busy: false, follow: false, playing: false, saved: ''};
  }

  get model() { return this.service.models.find(({key}) => key === this.ui.model); }
  get active() { return ['waiting', 'running'].includes(this.job?.state); }
  get results() { return this.work?.results[this.ui.model] ?? {version: 0, valid: [], outdated: []}; }
  get prompts() { return this.work && this.model.takes_objects ? this.work.prompts : []; }
  get canPrompt() { return Boolean(this.work) && this.model.takes_objects && !this.active && !this.ui.busy; }

  // Whether masks of a frame are known, up to date or not.
  isKnown(frame) {
    return [...this.results.valid, ...this.results.outdated].some(([first, last]) => first <= frame && frame <= last);
  }

  // Changes whenever there is something new to save; empty: there is nothing.
  get signature() {
    const {valid, outdated, version} = this.results;
    const any = this.prompts.length || valid.length || outdated.length;
    return any ? `${this.work.clip.version} ${this.ui.model} ${this.work.revision} ${version}` : '';
  }
  get unsaved() { return this.signature !== '' && this.signature !== this.ui.saved; }

  // Change the user's selection.
  set(changes) {
    Object.assign(this.ui, changes);
    this.show();
  }

  setFrame(frame) {
    if (!this.work) return;
    this.set({frame: Math.min(Math.max(frame, 0), this.work.clip.length - 1)});
  }

  // Send a request; show the new state or the error.
  async act(promise) {
    try {
      this.update(await promise);
      return true;
    } catch (error) {
      say(error.message);
      if (error.status === 410) clearTimeout(this.timer);
      this.show();
      return false;
    }
  }

  update({work, job}) {
    const clip = this.work?.clip.version, before = this.job;
    Object.assign(this, {work, job});
    if (work && work.clip.version !== clip) this.startClip();
    if (work && !work.objects.some(({object_id: id}) => id === this.ui.object)) this.ui.object = null;
    if (this.ui.follow && job?.frame >= 0) this.ui.frame = job.frame;
    this.ui.follow &&= this.active;
    if (before?.state === 'running' && job && !this.active) this.reportEnd();
    this.show();
    this.poll();
  }

  startClip() {
    const {height, width} = this.work.clip;
    Object.assign(this.ui, {frame: 0, object: null, playing: false, saved: '',
                            radius: Math.max(1, Math.round(Math.min(height, width) / 20))});
  }

  reportEnd() {
    if (this.job.state === 'failed') say(this.job.error);
    const end = {done: 'All frames are segmented.', stopped: 'Stopped.', failed: 'The run failed.'}[this.job.state];
    announce([end, ...this.job.messages].join(' '));
  }

  poll() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.act(this.service.state()), this.active ? POLL_RUNNING : POLL_IDLE);
  }

  // Changes are sent one after the other: the second of two quick clicks refines the object of the first.
  inTurn(action) {
    this.last = this.last.catch(() => null).then(action);  // a change that failed does not stop those after it
    return this.last;
  }

  addPrompt(prompt) { return this.inTurn(() => this.sendPrompt(prompt)); }

  async sendPrompt(prompt) {
    const known = new Set(this.work.objects.map(({object_id: id}) => id));
    const object = this.ui.object;
    const done = await this.act(this.service.addPrompt({...prompt, object_id: object, model: this.ui.model}));
    if (!done) return;
    say(null);
    const added = this.work.objects.find(({object_id: id}) => !known.has(id));
    if (added) this.set({object: added.object_id});
    const kind = prompt.kind === 'box' ? 'Box' : `${prompt.positive ? 'Positive' : 'Negative'} ${prompt.kind === 'brush' ? 'stroke' : 'point'}`;
    announce(`${kind} for object ${this.ui.object} in frame ${prompt.frame}.`);
  }

  step(step) { return this.inTurn(() => this.sendStep(step)); }

  async sendStep(step) {
    if (!this.canPrompt) return;
    if (await this.act(this.service.step(step))) announce({undo: 'Undone.', redo: 'Redone.', clear: 'All objects are deleted.'}[step]);
    if (step !== 'clear' && this.ui.object === null) this.set({object: this.work.objects.at(-1)?.object_id ?? null});
  }

  show() {
    for (const part of this.parts) part(this);
  }
}
