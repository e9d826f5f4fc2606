// Choosing a clip: upload, drop, examples; and the model.
import {$, element, say} from './dom.js';

const REPLACE = 'The objects and masks of this clip have not been saved and would be lost. Open another clip?';

export class Clips {
  constructor(app) {
    this.app = app;
    const {service} = app;
    $('upload').accept = [...service.suffixes, 'video/*', 'image/gif'].join(',');
    $('upload').onchange = async () => {
      const [file] = $('upload').files;
      if (file) await this.upload(file);
      $('upload').value = '';
    };
    $('examples').replaceChildren(...service.examples.map((example) => element('button', {
      type: 'button', textContent: example.name, title: example.credit || 'Generated',
      onclick: () => this.example(example)})));
    $('try').onclick = () => this.example(service.examples.find(({real}) => real));
    $('task').replaceChildren(...Object.entries(service.tasks).map(([key, title]) => new Option(title, key)));
    $('task').value = 'evs';
    $('task').onchange = () => this.changeTask();
    $('model').onchange = () => {
      this.choose($('model').value);
      this.chosen = this.app.model.title;
    };
    this.listModels();
    this.acceptDrops();
    this.prefer(true);
  }

  acceptDrops() {
    const panel = $('canvas').parentElement;
    for (const kind of ['dragover', 'dragleave', 'drop']) {
      panel.addEventListener(kind, (event) => {
        event.preventDefault();
        panel.classList.toggle('drop', kind === 'dragover');
        if (kind === 'drop' && event.dataTransfer.files.length && !$('upload').disabled) this.upload(event.dataTransfer.files[0]);
      });
    }
  }

  upload(file) {
    const progress = (share) => {
      const percent = Math.round(100 * share);
      this.tell(percent < 100 ? `Sending ${file.name}: ${percent} %` : `Reading ${file.name} …`);
    };
    return this.open(() => this.app.service.upload(file, progress), `Sending ${file.name} …`, true);
  }

  example({name, real}) { return this.open(() => this.app.service.example(name), `Opening ${name} …`, real); }

  tell(text) { $('clip-hint').textContent = $('empty-hint').textContent = text; }

  // `real`: which models fit, until the user chooses one.
  async open(send, doing, real) {
    const {app} = this;
    if (app.ui.busy || (app.unsaved && !confirm(REPLACE))) return;
    app.set({busy: true, playing: false});
    say(null);
    this.tell(doing);
    const done = await app.act(send());
    app.set({busy: false});
    if (done) this.prefer(real);
  }

  // Models of the selected task.
  get fitting() { return this.app.service.models.filter(({task}) => task === $('task').value); }

  listModels() { $('model').replaceChildren(...this.fitting.map(({title, key}) => new Option(title, key))); }

  // A model that the user chose stays selected if it does the new task, too.
  changeTask() {
    const {title} = this.app.model, {fitting} = this;
    this.listModels();
    const found = fitting.find((model) => model.title === this.chosen) ?? fitting.find(({real}) => real === this.real)
      ?? fitting.find((model) => model.title === title) ?? fitting[0];
    this.choose(found.key);
  }

  // Select a model of the task that was trained on this kind of clip.
  prefer(real) {
    const {fitting} = this;
    [this.real, this.chosen] = [real, null];
    this.choose((fitting.find((model) => model.real === real) ?? fitting[0]).key);
  }

  choose(key) {
    $('model').value = key;
    this.app.set({model: key});
    // An error is shown again by the first preview.
    if (this.app.work && this.app.model.takes_objects) this.app.service.prepare(key).catch(() => {});
  }

  show() {
    const {work, ui, active, service, model} = this.app, {megabytes, frames, side} = service.limits;
    $('upload').disabled = $('try').disabled = ui.busy || active;
    for (const button of $('examples').children) button.disabled = ui.busy || active;
    $('task').disabled = $('model').disabled = active;
    $('model-hint').textContent = model.note;
    $('empty').hidden = Boolean(work);
    $('trim').hidden = $('timeline').hidden = !work;
    if (ui.busy) return;
    const clip = work?.clip;
    this.tell(clip ? `${clip.name}: ${clip.length} frames, ${clip.width} × ${clip.height}`
      : `Up to ${megabytes} MB and ${frames} frames; larger than ${side} pixels is shrunk. ${service.suffixes.join(' ')}`);
    const notes = clip?.notes ?? [];
    $('credit').textContent = clip?.credit ?? '';
    $('notes').hidden = !notes.length;
    $('notes').replaceChildren(...notes.map((note) => element('span', {textContent: note})));
  }
}
