// Tools, and the list of objects: select, name, delete.
import {$, announce, dot, element, plural} from './dom.js';

const checked = (name) => document.querySelector(`[name=${name}]:checked`).value;

export class Objects {
  constructor(app) {
    Object.assign(this, {app, drawn: ''});
    for (const input of document.getElementsByName('tool')) input.onchange = () => app.set({tool: checked('tool')});
    for (const input of document.getElementsByName('sign')) input.onchange = () => app.set({positive: checked('sign') === 'positive'});
    $('radius').oninput = () => app.set({radius: Number($('radius').value)});
    $('new').onclick = () => this.select(null);
    $('undo').onclick = () => app.step('undo');
    $('redo').onclick = () => app.step('redo');
    $('clear').onclick = () => app.step('clear');
  }

  select(id) {
    this.app.set({object: id});
    announce(id === null ? 'The next prompt starts a new object.' : `Object ${id} is selected.`);
  }

  show() {
    const {app} = this, {work, ui, canPrompt} = app, takesObjects = app.model.takes_objects;
    $('toolbar').disabled = !canPrompt;
    $('toolbar').hidden = $('objects-panel').hidden = !takesObjects;
    $('objects-panel').disabled = !canPrompt;
    $('undo').disabled = !work?.undo;
    $('redo').disabled = !work?.redo;
    $('clear').disabled = !work?.objects.length;
    $('new').setAttribute('aria-pressed', ui.object === null);
    if (work) $('radius').max = Math.max(ui.radius, Math.round(Math.min(work.clip.height, work.clip.width) / 4));
    $('radius').value = ui.radius;
    $('brush-row').hidden = ui.tool !== 'brush';
    $('draw-hint').textContent = this.hint();
    this.showList();
  }

  hint() {
    const {work, ui} = this.app;
    if (!work?.objects.length) return 'Click an object in any frame. Its mask is shown at once.';
    if (ui.object === null) return 'The next prompt starts a new object.';
    return `Prompts refine object ${ui.object}, also in other frames. Negative (or right click, Alt): not the object.`;
  }

  // The list is built again only when it changes, so that a name being typed stays.
  showList() {
    const {work, ui} = this.app, objects = this.app.model.takes_objects ? work?.objects ?? [] : [];
    const key = JSON.stringify([objects, work?.prompts.length, ui.object, work?.revision]);
    if (key === this.drawn) return;
    this.drawn = key;
    const focused = document.activeElement?.id;
    $('objects').replaceChildren(...objects.map((one) => this.entry(one)));
    if (focused) $(focused)?.focus();
  }

  entry({object_id: id, name, colour}) {
    const {app} = this, prompts = app.work.prompts.filter((prompt) => prompt.object_id === id);
    const places = [...new Set(prompts.map(({frame}) => frame))].sort((one, two) => one - two);
    const select = element('button', {type: 'button', id: `object-${id}`, className: 'select', title: `Select object ${id}`,
                                      onclick: () => this.select(id)}, dot(colour), String(id));
    select.setAttribute('aria-pressed', app.ui.object === id);
    const field = element('input', {id: `name-${id}`, value: name, placeholder: `Object ${id}`, maxLength: 40,
                                    onchange: () => app.act(app.service.rename(id, field.value)),
                                    onkeydown: (event) => { if (event.key === 'Enter') field.blur(); }});
    field.setAttribute('aria-label', `Name of object ${id}`);
    const where = element('button', {type: 'button', className: 'where', title: 'Go to its next prompt',
                                     onclick: () => app.setFrame(places.find((frame) => frame > app.ui.frame) ?? places[0])},
                          places.length ? plural(prompts.length, 'prompt') : 'no prompt');
    where.disabled = !places.length;
    const remove = element('button', {type: 'button', id: `delete-${id}`, title: `Delete object ${id}`, textContent: '✕', onclick: () => this.remove(id)});
    remove.setAttribute('aria-label', `Delete object ${id}`);
    return element('li', {}, select, field, where, remove);
  }

  async remove(id) {
    if (await this.app.act(this.app.service.delete(id))) announce(`Object ${id} is deleted. Ctrl+Z brings it back.`);
  }
}
