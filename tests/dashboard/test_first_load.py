"""What a browser has to load before the board can be seen."""

import gzip
import re
from pathlib import Path

import pytest

import reelhook.dashboard

STATIC = Path(reelhook.dashboard.__file__).parent / "static"
MOST = 100_000  # bytes of JavaScript, gzipped, as issue and design promise
STATIC_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["'](\.{1,2}/[^"']+\.js|/assets/[^"']+\.js)["']""")
IN_PAGE = re.compile(r'(?:src|href)="(/assets/[^"]+\.js)"')


def scripts_of(page: Path) -> set[Path]:
    """The scripts that *page* names, and all that they import at once, however deep."""
    found: set[Path] = set()
    waiting = [page.parent / name.lstrip("/") for name in IN_PAGE.findall(page.read_text())]
    while waiting:
        script = waiting.pop().resolve()
        if script in found:
            continue
        found.add(script)
        for name in STATIC_IMPORT.findall(script.read_text()):
            waiting.append(page.parent / name.lstrip("/") if name.startswith("/") else script.parent / name)
    return found


def test_the_board_needs_no_more_than_100_kb_of_javascript() -> None:
    page = STATIC / "index.html"
    if not page.is_file():
        pytest.skip("the web app is not built: REELHOOK_SKIP_WEB was set when this was installed")
    sizes = {script.name: len(gzip.compress(script.read_bytes(), 9)) for script in scripts_of(page)}
    assert len(sizes) > 1, "the board's own scripts are among them"
    assert sum(sizes.values()) <= MOST, sizes


def test_what_is_imported_at_once_is_counted_and_what_is_opened_later_is_not(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text('<script type="module" src="/assets/a.js"></script>')
    (tmp_path / "assets/a.js").write_text('import{x}from"./b.js";const y=()=>import("./later.js")')
    (tmp_path / "assets/b.js").write_text('import"/assets/c.js";export*from"./a.js"')
    (tmp_path / "assets/c.js").write_text("")
    assert {script.name for script in scripts_of(tmp_path / "index.html")} == {"a.js", "b.js", "c.js"}
