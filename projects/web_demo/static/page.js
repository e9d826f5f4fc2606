// The page: shows the state of the server and sends it the user's actions.
import {Service} from './service.js';
import {Stage} from './stage.js';

const $ = (id) => document.getElementById(id);
const POLL_RUNNING = 300, POLL_IDLE = 30000;
const service = new Service();
const stage = new Stage($('canvas'), addDrawing);
let state = {clip: null, drawings: [], job: null};
let busy = false, nextObject = false, followsRun = true, timer = null, shownSource = '';

// ---- User actions

function say(text) {
  $('message').hidden = !text;
  $('message').firstElementChild.textContent = text ?? '';
}

// Send a request; show the new state or the error.
async function act(promise) {
  try {
    update(await promise);
    return true;
  } catch (error) {
    say(error.message);
    if (error.status === 410) clearTimeout(timer);
    return false;
  }
}

async function openClip(send, doing) {
  if (busy) return;
  busy = true;
  say(null);
  $('clip-hint').textContent = doing;
  $('damaged').hidden = true;
  showControls();
  await act(send());
  busy = false;
  showClipHint();
  showControls();
}

function upload(file) {
  const progress = (share) => {
    const percent = Math.round(100 * share);
    $('clip-hint').textContent = percent < 100 ? `Sending ${file.name}: ${percent} %` : `Reading ${file.name} …`;
  };
  return openClip(() => service.upload(file, progress), `Sending ${file.name} …`).then(() => preferModel(true));
}

// Select a model of the task that was trained on this kind of clip.
function preferModel(real) {
  const fitting = [...$('model').options].map(({value}) => service.models.find((model) => model.key === value));
  $('model').value = (fitting.find((model) => model.real === real) ?? fitting[0]).key;
  choose();
}

async function addDrawing(gesture) {
  const done = await act(service.draw({...gesture, frame: Number($('frame').value), new_object: nextObject}));
  if (done) {
    nextObject = false;
    say(null);
  }
  showFrame();
}

async function run() {
  say(null);
  followsRun = true;
  await act(service.run($('model').value));
}

// ---- Display

function update(fresh) {
  const before = state;
  state = fresh;
  if (state.clip?.version !== before.clip?.version) showClip();
  if (state.job?.version !== before.job?.version) newResult();
  showObjects();
  showJob(before.job);
  showControls();
  showFrame();
  clearTimeout(timer);
  timer = setTimeout(() => act(service.state()), isActive() ? POLL_RUNNING : POLL_IDLE);
}

const isActive = () => ['waiting', 'running'].includes(state.job?.state);
const chosenModel = () => service.models.find((model) => model.key === $('model').value);

function showClip() {
  const {clip} = state;
  stage.setClip(clip);
  $('empty').hidden = Boolean(clip);
  Object.assign($('frame'), {max: clip.length - 1, value: 0, disabled: false});
  Object.assign($('radius'), {max: Math.round(Math.min(clip.height, clip.width) / 4),
                              value: Math.round(Math.min(clip.height, clip.width) / 20)});
  document.documentElement.style.setProperty('--shape', `${clip.width} / ${clip.height}`);
  nextObject = false;
}

function showClipHint() {
  const {clip} = state, {megabytes, frames, side} = service.limits;
  $('clip-hint').textContent = clip
    ? `${clip.name}: ${clip.length} frames, ${clip.width} × ${clip.height}`
    : `Up to ${megabytes} MB, ${frames} frames, ${side} pixels a side; ${service.suffixes.join(' ')}`;
  const damaged = clip?.damaged ?? 0;
  const left = damaged === 1 ? '1 damaged frame is left out.' : `${damaged} damaged frames are left out.`;
  $('damaged').hidden = !damaged && !clip?.cut;
  $('damaged').textContent = [damaged ? left : '', clip?.cut ?? ''].join(' ').trim();
}

async function showFrame() {
  if (!state.clip) return;
  const index = Number($('frame').value), source = service.frame(state.clip, index);
  $('frame-number').textContent = `${index} / ${state.clip.length - 1}`;
  const drawings = () => state.drawings.filter((drawing) => drawing.frame === Number($('frame').value));
  if (source === shownSource && stage.image) return stage.show(stage.image, visible(drawings()));
  shownSource = source;
  const image = new Image();
  image.src = source;
  await image.decode().catch(() => {});
  if (source === shownSource && image.naturalWidth) stage.show(image, visible(drawings()));
}

const visible = (drawings) => chosenModel().takes_objects ? drawings : [];

function showObjects() {
  const found = new Map();
  for (const drawing of state.drawings) found.set(drawing.identity, drawing);
  $('objects').replaceChildren(...[...found.values()].map(({identity, kind, frame, colour}) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.title = 'Go to its frame';
    button.append(dot(colour), `${identity}: ${kind}, frame ${frame}`);
    button.onclick = () => { $('frame').value = frame; showFrame(); };
    return item(button);
  }));
  $('draw-hint').textContent = !chosenModel().takes_objects
    ? 'This task segments all classes of its model; only EVS needs objects.'
    : nextObject ? 'The next stroke starts another object.'
    : 'Click a point, drag a box, or paint a mask, on any frame. A point or a box is one object; strokes add to the last painted one.';
}

function newResult() {
  $('result-panel').hidden = true;
  $('finished').hidden = true;
  $('video').removeAttribute('src');
  $('result-frame').removeAttribute('src');
  followsRun = true;
}

function showJob(before) {
  const {job} = state;
  $('progress').value = job ? job.done / job.total : 0;
  $('progress-text').textContent = job ? progressText(job) : '';
  if (job?.state === 'failed' && before?.state !== 'failed') say(job.error);
  if (!job?.done) return;
  $('result-panel').hidden = false;
  $('result-index').max = job.done - 1;
  if (followsRun) $('result-index').value = job.done - 1;
  followsRun = followsRun && isActive();
  showResultFrame();
  $('legend').replaceChildren(...job.segments.map(({colour, id, name}) => {
    const entry = document.createElement('span');
    entry.append(dot(colour), id === null ? name : `${id} ${name}`);
    return item(entry);
  }));
  const ended = !isActive();
  if (ended && job.state !== 'failed' && $('finished').hidden) {
    $('finished').hidden = false;
    $('download-video').href = service.resultFile(job, 'result.mp4');
    $('download-masks').href = service.resultFile(job, 'masks.zip');
    $('video').src = service.resultFile(job, 'result.mp4');
  }
}

function progressText({state: now, done, total, seconds, ahead}) {
  const rate = done / Math.max(seconds, 1e-3);
  const left = done ? `, ${rate.toFixed(1)} a second, ${Math.ceil((total - done) / rate)} s left` : '';
  return {
    waiting: ahead ? `Waiting for ${ahead} other run${ahead > 1 ? 's' : ''} …` : 'Starting …',
    running: done ? `${done} of ${total} frames${left}` : 'Loading the model …',
    done: `${total} frames in ${seconds.toFixed(1)} s`,
    stopped: `Stopped after ${done} of ${total} frames`,
    failed: 'Failed',
  }[now];
}

function showResultFrame() {
  const index = $('result-index').value, source = service.resultFrame(state.job, index);
  $('result-number').textContent = `${index} / ${state.job.total - 1}`;
  if ($('result-frame').getAttribute('src') !== source) $('result-frame').src = source;
}

function showControls() {
  $('model-hint').textContent = chosenModel().note;
  const active = isActive(), drawn = state.drawings.length > 0, model = chosenModel();
  $('upload').disabled = busy || active;
  for (const button of $('examples').children) button.disabled = busy || active;
  $('task').disabled = $('model').disabled = active;
  $('drawing').disabled = !state.clip || !model.takes_objects || active;
  $('undo').disabled = $('clear').disabled = !drawn;
  $('run').disabled = busy || active || !state.clip || (model.takes_objects && !drawn);
  $('stop').disabled = !active;
  const tool = document.querySelector('[name=tool]:checked').value;
  $('brush-row').hidden = $('next').hidden = tool !== 'brush';
  stage.use($('drawing').disabled ? null : tool, Number($('radius').value));
}

function dot(colour) {
  const mark = document.createElement('i');
  mark.className = 'dot';
  mark.style.background = colour;
  return mark;
}

function item(content) {
  const entry = document.createElement('li');
  entry.append(content);
  return entry;
}

// ---- Start

function listModels() {
  const fitting = service.models.filter((model) => model.task === $('task').value);
  $('model').replaceChildren(...fitting.map((model) => new Option(model.title, model.key)));
}

function choose() {
  showObjects();
  showControls();
  showFrame();
}

function connect() {
  $('message').lastElementChild.onclick = () => say(null);
  $('upload').onchange = () => {
    const [file] = $('upload').files;
    if (file) upload(file).then(() => { $('upload').value = ''; });
  };
  $('task').onchange = () => { listModels(); choose(); };
  $('model').onchange = choose;
  $('frame').oninput = showFrame;
  $('result-index').oninput = () => { followsRun = false; showResultFrame(); };
  $('radius').oninput = showControls;
  for (const tool of document.getElementsByName('tool')) tool.onchange = showControls;
  $('next').onclick = () => { nextObject = true; showObjects(); };
  $('undo').onclick = () => act(service.undo());
  $('clear').onclick = () => act(service.clear());
  $('run').onclick = run;
  $('stop').onclick = () => act(service.stop());
  const panel = $('canvas').parentElement;
  for (const kind of ['dragover', 'dragleave', 'drop']) {
    panel.addEventListener(kind, (event) => {
      event.preventDefault();
      panel.classList.toggle('drop', kind === 'dragover');
      if (kind === 'drop' && event.dataTransfer.files.length && !$('upload').disabled) upload(event.dataTransfer.files[0]);
    });
  }
  window.addEventListener('pagehide', () => service.close());
  window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
}

try {
  await service.open();
  $('upload').accept = service.suffixes.join(',');
  $('task').replaceChildren(...Object.entries(service.tasks).map(([key, title]) => new Option(title, key)));
  $('task').value = 'evs';
  listModels();
  $('examples').replaceChildren(...service.examples.map((name) => {
    const button = document.createElement('button');
    Object.assign(button, {type: 'button', textContent: name,
                           onclick: () => openClip(() => service.example(name), `Making ${name} …`).then(() => preferModel(false))});
    return button;
  }));
  connect();
  showClipHint();
  choose();
  document.body.dataset.ready = 'yes';
  timer = setTimeout(() => act(service.state()), POLL_IDLE);
} catch (error) {
  say(error.message);
}
