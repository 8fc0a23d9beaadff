// Small helpers round the document. Everything that people wrote reaches the page through textContent only.

export const $ = (selector, root = document) => root.querySelector(selector);
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export function element(tag, { text, ...properties } = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  if (text !== undefined) node.textContent = text;
  node.append(...children);
  return node;
}

export function hue(text) {
  let hash = 7;
  for (const letter of text) hash = (hash * 31 + letter.codePointAt(0)) >>> 0;
  return hash % 6;
}

export function initials(name) {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return words.slice(0, 2).map((word) => [...word][0].toUpperCase()).join("") || "?";
}

/** A square with somebody's initials. */
export function avatar(name) {
  const node = element("span", { className: `avatar hue-${hue(name)}`, text: initials(name), title: name });
  node.setAttribute("aria-hidden", "true");
  return node;
}
