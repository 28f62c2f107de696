"""What the build hook does: builds only what has changed, and leaves it where the package is made from."""

from pathlib import Path

import hatch_build
import pytest


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The npm commands of this test, which are not really run: `ci` makes node_modules, `build` the product."""
    commands: list[tuple[str, ...]] = []

    def npm(folder: Path, *arguments: str) -> None:
        commands.append(arguments)
        made = folder / "node_modules" if arguments[0] == "ci" else folder / "dist"
        made.mkdir(exist_ok=True)
        if arguments == ("run", "build"):
            (made / "v1.js").write_text((folder / "source.ts").read_text().upper())

    monkeypatch.setattr(hatch_build, "npm", npm)
    return commands


@pytest.fixture
def sdk(tmp_path: Path) -> Path:
    folder = tmp_path / "sdk"
    folder.mkdir()
    (folder / "package-lock.json").write_text("{}")
    (folder / "source.ts").write_text("one")
    (tmp_path / "static").mkdir()
    return folder


CI, BUILD = ("ci", "--ignore-scripts"), ("run", "build")


def test_what_did_not_change_is_not_built_again(sdk: Path, ran: list[tuple[str, ...]]) -> None:
    target = sdk.parent / "static" / "sdk"
    for _ in range(2):
        hatch_build.bring(sdk, target, "v1.js")
    assert ran == [CI, BUILD]
    (sdk / "source.ts").write_text("two")
    hatch_build.bring(sdk, target, "v1.js")
    assert ran == [CI, BUILD, BUILD]
    assert (target / "v1.js").read_text() == "TWO"
    (sdk / "package-lock.json").write_text('{"other": 1}')
    hatch_build.bring(sdk, target, "v1.js")
    assert ran[3:] == [CI, BUILD]


def test_a_change_in_what_it_reads_beside_its_folder_builds_it_again(sdk: Path, ran: list[tuple[str, ...]]) -> None:
    target, pages = sdk.parent / "static" / "sdk", sdk.parent / "pages"
    pages.mkdir()
    for text in ("one", "one", "two"):
        (pages / "page.md").write_text(text)
        hatch_build.bring(sdk, target, "v1.js", pages)
    assert ran == [CI, BUILD, BUILD]


def test_what_the_apps_build_swept_away_is_made_again(sdk: Path, ran: list[tuple[str, ...]]) -> None:
    target = sdk.parent / "static" / "sdk"
    hatch_build.bring(sdk, target, "v1.js")
    for file in target.iterdir():
        file.unlink()
    target.rmdir()
    hatch_build.bring(sdk, target, "v1.js")
    assert ran == [CI, BUILD, BUILD]
    assert (target / "v1.js").read_text() == "ONE"


def test_without_sources_what_an_sdist_brought_stays(tmp_path: Path, ran: list[tuple[str, ...]]) -> None:
    hatch_build.bring(tmp_path / "sdk", tmp_path / "static", "v1.js")
    assert ran == []
