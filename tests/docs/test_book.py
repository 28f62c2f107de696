"""The book is made of all pages, without a warning, and asks the network for nothing."""

import re
import tomllib
from pathlib import Path

import pytest
from scripts.book.__main__ import CONFIG, LOOK, build
from scripts.book.staging import DOCS, OF_ROOT

REMOTE = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=\"?(?:https?:)?//([^\"\s>]+)", re.I)
# What the theme's script would ask elsewhere for, if a page had it.
ASKED_ELSEWHERE = re.compile(r"class=\"mermaid\"|<pre class=\"mermaid|class=\"glightbox|class=\"pyodide")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("book")
    assert build(folder) == 0
    return folder / "site"


def contents(entry: object) -> list[str]:
    """Every page that a table of contents names."""
    if isinstance(entry, str):
        return [entry]
    inner = entry.values() if isinstance(entry, dict) else entry
    return [page for one in inner for page in contents(one)]  # type: ignore[union-attr]


def test_every_page_is_in_the_table_of_contents_once() -> None:
    named = contents(tomllib.loads(CONFIG.read_text())["project"]["nav"])
    pages = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md") if page.parent != DOCS / "measured"}
    pages.add("measured/README.md")  # which leads to the reports beside it
    assert pages - set(named) == set(), f"name them in {CONFIG.name}"
    assert set(named) - pages <= {f"project/{name}" for name in OF_ROOT}
    assert len(named) == len(set(named))


def test_every_page_becomes_one_of_the_site(site: Path) -> None:
    for page in DOCS.rglob("*.md"):
        name = page.relative_to(DOCS).with_suffix(".html")
        assert (site / (name.with_name("index.html") if page.name == "README.md" else name)).is_file(), page


def test_no_page_asks_the_network(site: Path) -> None:
    pages = {page.relative_to(site).as_posix(): page.read_text() for page in site.rglob("*.html")}
    assert len(pages) > 80
    assert {name: found for name, text in pages.items() if (found := REMOTE.findall(text))} == {}
    assert [name for name, text in pages.items() if ASKED_ELSEWHERE.search(text)] == []


def test_every_page_has_the_look_of_the_book(site: Path) -> None:
    assert (site / LOOK.name).read_text() == LOOK.read_text()
    pages = [site / "quick-start.html", site / "reference" / "settings.html", site / "index.html"]
    for page in pages:
        [to] = re.findall(rf"<link[^>]*href=\"?([^\" >]*{LOOK.name})", page.read_text())
        assert (page.parent / to).is_file(), page


def test_what_is_beside_the_pages_is_in_the_book(site: Path) -> None:
    assert "proxy_pass" in (site / "files" / "deploy" / "nginx" / "reelhook.conf").read_text()
    assert (site / "project" / "CHANGELOG.html").is_file()


def test_a_link_to_nothing_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text("# A page\n\n[nowhere](nowhere.md)\n")
    for name in OF_ROOT:
        (tmp_path / name).write_text("# A page\n")
    monkeypatch.setattr("scripts.book.staging.ROOT", tmp_path)
    monkeypatch.setattr("scripts.book.staging.DOCS", tmp_path / "docs")
    monkeypatch.setattr("scripts.book.__main__.CONFIG", tmp_path / "zensical.toml")
    (tmp_path / "zensical.toml").write_text('[project]\nsite_name = "A book"\ntheme.font = false\n')
    assert build(tmp_path / "book") != 0
