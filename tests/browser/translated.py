"""The app in a language of no country: whatever it says from its words stands between brackets."""

import re

from playwright.sync_api import Page

# The app keeps its words in a map, by area, and lays a translation over them once it has read the device's languages.
SPEAK = """
const done = new WeakSet(), put = Map.prototype.set;
let words, spoken = false;
const mark = (said) => {
  if (typeof said === 'string') return `⟦${said}⟧`;
  if (done.has(said)) return said;
  if (typeof said === 'function') {
    const over = (...given) => mark(said(...given));
    done.add(over);
    return over;
  }
  if (typeof said !== 'object' || said === null) return said;
  done.add(said);
  for (const name of Object.keys(said)) said[name] = mark(said[name]);
  return said;
};
Map.prototype.set = function (area, said) {
  if (area === 'app') words ??= this;
  if (spoken && this === words) mark(said);
  return put.call(this, area, said);
};
const { get } = Object.getOwnPropertyDescriptor(Navigator.prototype, 'languages');
Object.defineProperty(Navigator.prototype, 'languages', { get() {
  if (!spoken) words.forEach(mark);
  spoken = true;
  return get.call(this);
} });
"""

# Texts and labels without what stands between brackets. Moments are said by the browser, in the device's language.
LEFT = """() => {
  const texts = [document.title];
  for (const one of document.body.querySelectorAll('*:not(time, script, style, noscript)')) {
    for (const node of one.childNodes) if (node.nodeType === Node.TEXT_NODE) texts.push(node.data);
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) texts.push(one.getAttribute(name) ?? '');
  }
  return texts.map((text) => {
    let depth = 0, left = '';
    for (const sign of text) {
      if (sign === '⟦') depth += 1;
      if (depth === 0) left += sign;
      if (sign === '⟧') depth -= 1;
    }
    return left.trim();
  });
}"""


def speak_pseudo(page: Page) -> None:
    """From the next page on."""
    page.add_init_script(SPEAK)


def untranslated(page: Page) -> set[str]:
    """All that the page says, also to those who cannot see it, and that a translation would not have changed."""
    return {text for text in page.evaluate(LEFT) if re.search(r"[^\W\d_]{2}", text)}
