// Starting and stopping a run, its progress, and the files of its result.
import {$, dot, element, plural, say} from './dom.js';

export class Run {
  constructor(app) {
    this.app = app;
    $('run').onclick = () => this.start();
    $('stop').onclick = () => app.act(app.service.stop());
    $('downloads').replaceChildren(...app.service.exports.map(({kind, title}) => element('button', {
      type: 'button', textContent: title, id: `download-${kind}`, onclick: () => this.download(kind)})));
  }

  async start() {
    const {app} = this;
    say(null);
    app.set({follow: true, playing: false});
    await app.act(app.service.run(app.ui.model, $('both').checked ? 'both' : 'forward'));
  }

  // The file is written first, so that an error is shown on this page.
  async download(kind) {
    const {app} = this, {signature} = app, button = $(`download-${kind}`);
    button.disabled = true;
    button.setAttribute('aria-busy', true);
    try {
      await app.service.export(app.ui.model, kind);
      element('a', {href: app.service.fileAddress(app.ui.model, kind), download: ''}).click();
      app.ui.saved = signature;
    } catch (error) {
      say(error.message);
    }
    button.removeAttribute('aria-busy');
    app.show();
  }

  show() {
    const {app} = this, {work, model, active, ui, results} = app;
    const job = app.job?.model === ui.model ? app.job : null;
    const prompted = !model.takes_objects || work?.prompts.length;
    const changed = model.takes_objects && results.outdated.length > 0;
    $('run').disabled = ui.busy || active || !work || !prompted;
    $('run').textContent = changed ? 'Update the masks' : model.takes_objects ? 'Track objects' : 'Segment';
    $('stop').disabled = !active;
    $('direction').hidden = !model.takes_objects;
    $('both').disabled = active;
    $('progress').value = job ? job.done / Math.max(job.total, 1) : 0;
    $('progress-text').textContent = job ? progressText(job) : '';
    const known = results.valid.length + results.outdated.length > 0;
    $('outdated').hidden = !changed || active;
    $('outdated').textContent = changed ? outdatedText(results.outdated) : '';
    $('reports').replaceChildren(...(job?.messages ?? []).map((text) => element('li', {textContent: text})));
    $('downloads-panel').hidden = !known;
    for (const button of $('downloads').children) button.disabled = active || button.ariaBusy === 'true';
    const segments = model.takes_objects || !known ? [] : job?.segments ?? [];
    $('legend').replaceChildren(...segments.map(({colour, id, name}) =>
      element('li', {}, element('span', {}, dot(colour), id === null ? name : `${id} ${name}`))));
  }
}

function outdatedText(ranges) {
  const count = ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return `${plural(count, 'frame')} from frame ${ranges[0][0]} on ${count === 1 ? 'is' : 'are'} not up to date.`;
}

function progressText({state: now, done, total, seconds, ahead}) {
  const rate = done / Math.max(seconds, 1e-3);
  const left = done ? `, ${rate.toFixed(1)} a second, ${Math.ceil((total - done) / rate)} s left` : '';
  return {
    waiting: ahead ? `Waiting for ${ahead} other run${ahead > 1 ? 's' : ''} …` : 'Starting …',
    running: done ? `${done} of ${plural(total, 'frame')}${left}` : 'Loading the model …',
    done: total ? `${plural(total, 'frame')} in ${seconds.toFixed(1)} s` : 'All frames were up to date.',
    stopped: `Stopped after ${done} of ${plural(total, 'frame')}`,
    failed: 'Failed',
  }[now];
}
