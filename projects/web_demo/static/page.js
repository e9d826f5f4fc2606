// Start of the page: connects its parts.
import {App} from './app.js';
import {Clips} from './clips.js';
import {$, say} from './dom.js';
import {Frames} from './frames.js';
import {Keyboard} from './keyboard.js';
import {Objects} from './objects.js';
import {Pointer} from './pointer.js';
import {Run} from './run.js';
import {Service} from './service.js';
import {Timeline} from './timeline.js';
import {View} from './view.js';

let shownClip = '';

// Show the current frame: its picture, then its masks. A frame with new prompts is segmented by the server first, which
// takes a moment: the masks before are shown until then.
async function showFrame(app, view, frames) {
  const {work, ui} = app;
  if (!work) return;
  if (work.clip.version !== shownClip) view.setClip(work.clip);
  shownClip = work.clip.version;
  view.canvas.classList.toggle('draws', app.canPrompt);
  view.canvas.classList.toggle('scrolls', ui.tool === 'point');
  const ring = app.canPrompt && ui.tool === 'brush' ? ui.radius : 0;
  view.show({prompts: promptsAt(app), ring, current: frames.knownMask(app) !== undefined});
  const {frame} = ui, picture = await frames.picture(work.clip, frame);
  if (frame !== ui.frame || work.clip.version !== app.work.clip.version || !picture) return;
  const same = view.picture === picture, wanted = app.isKnown(frame) || app.prompts.some((one) => one.frame === frame);
  const known = wanted ? frames.knownMask(app) : null;
  view.show({picture, prompts: promptsAt(app), masks: known !== undefined ? known : same || app.isKnown(frame) ? view.masks : null});
  if (known === undefined) showMask(app, view, frames);
}

async function showMask(app, view, frames) {
  const {frame} = app.ui;
  tell(app.isKnown(frame) ? '' : 'Segmenting …');
  try {
    const found = await frames.mask(app);
    if (!found) return;
    if (frame === app.ui.frame) view.show({masks: found.picture, current: true});
    tell(found.milliseconds === undefined ? '' : `Preview: ${found.milliseconds} ms`);
  } catch (error) {
    say(error.message);
    view.show({masks: null});
    tell('');
  }
}

function tell(text) {
  $('preview').textContent = text;
  $('preview').hidden = !text;
}

function promptsAt(app) {
  const numbered = new Set();
  return app.prompts.filter(({frame}) => frame === app.ui.frame).map((prompt) => {
    const {object_id: id} = prompt, number = numbered.has(id) ? 0 : id;
    numbered.add(id);
    return {...prompt, number, colour: app.work.objects.find((one) => one.object_id === id).colour};
  });
}

// While prompts or masks are not saved, the browser asks before it leaves. The files of a session go with its page.
function guardLeaving(app) {
  window.addEventListener('beforeunload', (event) => { if (app.unsaved) event.preventDefault(); });
  window.addEventListener('pagehide', () => app.service.close());
  window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
}

try {
  const app = new App(await new Service().open());
  app.ui.model = app.service.models[0].key;
  const view = new View($('canvas')), frames = new Frames(app.service);
  new Pointer(app, view);
  new Keyboard(app, view);
  const parts = [new Timeline(app, frames), new Objects(app), new Run(app), new Clips(app)];
  app.parts = [...parts.map((part) => () => part.show()), () => showFrame(app, view, frames)];
  $('message').lastElementChild.onclick = () => say(null);
  guardLeaving(app);
  app.show();
  app.poll();
  document.body.dataset.ready = 'yes';
} catch (error) {
  say(error.message);
}
