"""Somebody without a mouse: what they reach, that they see where they are, and that nothing holds them."""

from playwright.sync_api import Locator, Page

FARTHEST = 150
"""No page asks for more steps with Tab than this."""

# A line around or under what has the focus: drawn by it, or by the label that it is in. What the browser has inside a
# player draws its own; the player then has the focus by name only.
UNSEEN = """() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return null;
  if (one.matches('video[controls]:not(:focus)')) return null;
  const drawn = (element) => {
    const style = getComputedStyle(element);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
  };
  const places = [one, one.closest('label')].filter((place) => place !== null);
  return places.some(drawn) ? null : one.outerHTML.slice(0, 200);
}"""


class Keyboard:
    """Moves by Tab alone, and fails at the first thing that has the focus and does not show it."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def to(self, target: Locator) -> None:
        """Tab forward until *target* has the focus."""
        for _ in range(FARTHEST):
            self._step()
            if has_focus(target):
                return
        raise AssertionError(f"{target} is not reached by Tab")

    def open(self, target: Locator) -> None:
        """Reach *target* and press Enter."""
        self.to(target)
        self._page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        """Reach the field *target*, and write *text* over what is in it."""
        if not has_focus(target):
            self.to(target)
        self._page.keyboard.press("Control+a")
        self._page.keyboard.type(text)

    def around(self) -> int:
        """Tab through the whole page until the first thing has the focus again; returns how many there are."""
        self._step()
        first = self._page.evaluate_handle("document.activeElement")
        for steps in range(1, FARTHEST):
            self._step()
            if self._page.evaluate("first => first === document.activeElement", first):
                return steps
        raise AssertionError("the focus does not come around: something holds it")

    def _step(self) -> None:
        self._page.keyboard.press("Tab")
        unseen = self._page.evaluate(UNSEEN)
        assert unseen is None, f"it has the focus and does not show it: {unseen}"


def has_focus(target: Locator) -> bool:
    """Whether *target* is there and has the focus."""
    return bool(target.evaluate_all("found => found.includes(document.activeElement)"))
