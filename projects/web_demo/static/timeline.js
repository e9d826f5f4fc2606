// Frame slider with marks, playing, and the part of the clip that is segmented.
import {$, dot, element} from './dom.js';

export class Timeline {
  constructor(app, frames) {
    Object.assign(this, {app, frames, timer: null, drawn: ''});
    $('frame').oninput = () => app.set({frame: Number($('frame').value), follow: false, playing: false});
    $('play').onclick = () => app.set({playing: !app.ui.playing, follow: false});
    for (const id of ['first', 'last']) {
      $(id).oninput = () => this.dragTrim(id);
      $(id).onchange = () => this.sendTrim();
    }
  }

  show() {
    const {work, ui, active} = this.app;
    for (const id of ['frame', 'play']) $(id).disabled = !work;
    for (const id of ['first', 'last']) $(id).disabled = !work || active || ui.busy;
    this.play();
    if (!work) return;
    const end = work.clip.length - 1;
    for (const id of ['frame', 'first', 'last']) $(id).max = end;
    $('frame').value = ui.frame;
    $('frame-number').textContent = `${ui.frame} / ${end}`;
    this.showTrim(work.first, work.last);
    this.showMarks();
  }

  // ---- Playing

  play() {
    const {ui, work} = this.app;
    $('play').textContent = ui.playing ? '❚❚' : '▶';
    $('play').setAttribute('aria-label', ui.playing ? 'Pause' : 'Play');
    if (ui.playing === Boolean(this.timer)) return;
    clearInterval(this.timer);
    this.timer = ui.playing ? setInterval(() => this.advance(), 1000 / Math.min(work.clip.fps, 30)) : null;
  }

  advance() {
    const {work, ui} = this.app, next = ui.frame + 1;
    this.app.set({frame: next > work.last || next < work.first ? work.first : next});
    this.frames.prefetch(work.clip, ui.frame, 5);
  }

  // ---- Part

  dragTrim(moved) {
    const first = Number($('first').value), last = Number($('last').value);
    if (first > last) $(moved).value = moved === 'first' ? last : first;
    this.writeTrim();
    this.app.set({frame: Number($(moved).value), playing: false, trimming: true});
  }

  async sendTrim() {
    this.app.ui.trimming = false;
    await this.app.act(this.app.service.trim(Number($('first').value), Number($('last').value)));
  }

  showTrim(first, last) {
    if (!this.app.ui.trimming) Object.assign($('first'), {value: first}) && Object.assign($('last'), {value: last});
    this.writeTrim();
  }

  writeTrim() {
    const {fps, length} = this.app.work.clip, first = Number($('first').value), last = Number($('last').value);
    const whole = first === 0 && last === length - 1;
    $('part').textContent = `${whole ? 'All' : `${first}–${last}`}, ${((last - first + 1) / fps).toFixed(1)} s`;
    const share = (frame) => `${100 * frame / Math.max(length - 1, 1)}%`;
    $('trim').style.setProperty('--from', share(first));
    $('trim').style.setProperty('--to', share(last));
  }

  // ---- Marks: frames with masks, up to date or not, and frames with prompts

  showMarks() {
    const {work, results, prompts} = this.app, length = work.clip.length;
    const key = JSON.stringify([length, results, prompts.map(({object_id: id, frame}) => [id, frame])]);
    if (key === this.drawn) return;
    this.drawn = key;
    const bar = (kind) => ([first, last]) => {
      const made = element('i', {className: kind});
      Object.assign(made.style, {left: `${100 * first / length}%`, width: `${100 * (last - first + 1) / length}%`});
      return made;
    };
    const seen = new Set(), dots = [];
    for (const {object_id: id, frame} of prompts) {
      if (seen.has(`${id} ${frame}`)) continue;
      seen.add(`${id} ${frame}`);
      dots.push(dot(work.objects.find((one) => one.object_id === id).colour));
      dots.at(-1).style.left = `${100 * frame / Math.max(length - 1, 1)}%`;
    }
    $('marks').replaceChildren(...results.outdated.map(bar('outdated')), ...results.valid.map(bar('valid')), ...dots);
  }
}
