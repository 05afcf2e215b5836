// Small things for the elements of the page: nothing is touched that has not changed.

export const $ = (id) => document.getElementById(id);
export const all = (selector) => [...document.querySelectorAll(selector)];

export function text(element, said) {
  if (element.textContent !== said) element.textContent = said;
}

export function toggle(element, name, is) {
  if (element.classList.contains(name) !== is) element.classList.toggle(name, is);
}

export function press(element, is) {
  const said = String(is);
  if (element.getAttribute("aria-pressed") !== said) element.setAttribute("aria-pressed", said);
}

export function make(tag, said, name) {
  const element = document.createElement(tag);
  if (said !== undefined) element.textContent = said;
  if (name) element.className = name;
  return element;
}

/** Put a list's items anew, when `key` says that they are others. */
export function list(element, key, items) {
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  element.replaceChildren(...items());
}

/** 0:59, 44:58, 1:59:58 */
export function span(left_s) {
  const s = Math.max(0, Math.floor(left_s));
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes}:${two(s % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}

/** Wall time of the car's zone: [date, time]. */
export function wall(unix_s, offset_s) {
  const iso = new Date((unix_s + offset_s) * 1000).toISOString();
  return [iso.slice(0, 10), iso.slice(11, 19)];
}
