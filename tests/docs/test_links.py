"""No link in a page leads to nothing: files, folders and headings, as a code host finds them."""

from pathlib import Path

import pytest
from scripts.book.links import Link, anchors, led_elsewhere, links, slug_of

ROOT = Path(__file__).parents[2]
PRODUCTS = {"node_modules", "dist", ".venv", "build"}
FOLDERS = ("docs", "deploy", "examples", "sdk", "frontend", "bench")
PAGES = sorted(
    page
    for page in [*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))]
    if not PRODUCTS & set(page.relative_to(ROOT).parts)
)


def dead(page: Path, text: str) -> list[str]:
    return [f"{link.path}#{link.anchor}" for link in links(text) if not alive(page, link)]


def alive(page: Path, link: Link) -> bool:
    target = page.parent / link.path if link.path else page
    if link.anchor and target.suffix == ".md" and target.is_file():
        return link.anchor in anchors(target.read_text())
    return target.exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert dead(page, page.read_text()) == []


def test_dead_links_are_seen() -> None:
    page = ROOT / "docs" / "streams.md"
    text = "[a](nowhere.md) [b](sdk.md#no-such-heading) [c](#nor-this) [d](streams.md#watching) [e](../deploy)"
    assert dead(page, text) == ["nowhere.md#", "sdk.md#no-such-heading", "#nor-this"]


def test_code_and_other_sites_are_not_looked_at() -> None:
    text = "```md\n[a](nowhere.md)\n```\n`[b](nowhere.md)` [c](https://example.com/x) [d](mailto:a@example.com)"
    assert list(links(text)) == []


def test_headings_are_named_as_code_hosts_do() -> None:
    assert slug_of("`GET /api/v1/me`, and why") == "get-apiv1me-and-why"
    assert anchors("# One two\n## One two\n```\n# no heading\n```\n") == {"one-two", "one-two-1"}


def test_links_are_led_elsewhere_and_code_is_left() -> None:
    text = "[a](x.md#y) `[b](x.md)` [c](https://example.com)"
    changed = led_elsewhere(text, lambda link: f"there/{link.path}#{link.anchor}")
    assert changed == "[a](there/x.md#y) `[b](x.md)` [c](https://example.com)"
