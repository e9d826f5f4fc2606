// Small helpers for the document.

export const $ = (id) => document.getElementById(id);

// Show an error; null hides it.
export function say(text) {
  $('message').hidden = !text;
  $('message').firstElementChild.textContent = text ?? '';
}

// Tell a screen reader what has happened. The space makes a repeated text a new one.
export function announce(text) {
  const before = $('announcer').textContent;
  $('announcer').textContent = before === text ? `${text}\u00a0` : text;
}

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function dot(colour) {
  const mark = element('i', {className: 'dot'});
  mark.style.background = colour;
  return mark;
}

export const plural = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;
