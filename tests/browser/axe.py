"""axe-core in a page: what it finds wrong in the whole of it, or in the dialog that stands open over it."""

from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, expect

AXE = Path(__file__).parent / "tools" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# High enough for the whole board: a menu closes when the page scrolls.
TALL = 2400
DIALOG = "dialog[open]"
Scheme = Literal["light", "dark"]
# In light a wide screen is looked at, in dark a phone: but for colours the themes are the same.
VIEWS: dict[Scheme, int] = {"light": 1440, "dark": 360}

# Animations are over, so that no colour is on its way.
LOOK = """async ([within, rules]) => {
  for (let frame = 0; frame < 2; frame++) await new Promise((done) => requestAnimationFrame(done));
  await Promise.all(document.getAnimations().map((one) => {
    if (one.effect?.getComputedTiming().iterations !== Infinity) one.finish();
  }));
  const { violations } = await axe.run(within, { runOnly: rules, resultTypes: ['violations'] });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) =>
    html.slice(0, 160) + ' ' + (any[0]?.message ?? '')).join(' | ').slice(0, 900)}`);
}"""


def faults(page: Page, where: str, scheme: Scheme, *, within: str = "html") -> list[str]:
    """What axe finds on the page as it stands, or only *within* one element of it."""
    page.set_viewport_size({"width": VIEWS[scheme], "height": TALL})
    told: list[str] = page.evaluate(LOOK, [within, TAGS])
    return [f"{where}, {scheme}: {one}" for one in told]


def look_at_dialog(page: Page) -> None:
    """Fail for whatever axe finds in the open dialog, in either theme. Without axe-core nothing is looked at."""
    if not AXE.is_file():
        return
    expect(page.locator(DIALOG)).to_have_count(1)
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(AXE.read_text())
    name, before, found = page.locator(DIALOG).get_by_role("heading").first.inner_text(), page.viewport_size, []
    for scheme in VIEWS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += faults(page, name, scheme, within=DIALOG)
    assert found == [], "\n".join(found)
    assert before is not None
    page.set_viewport_size(before)
