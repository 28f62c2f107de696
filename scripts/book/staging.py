"""Lays the pages of the repository so that a site can be made of them.

Pages link to each other, and to files beside docs/, as a code host shows them. In the book, pages of the repository's
root are in `project/`, and other files that a page leads to are under `files/`, each where it is in the repository. Of
a folder the book has a page that lists what is in it.
"""

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from scripts.book.links import Link, led_elsewhere

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
OF_ROOT = ("CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md")
PRODUCTS = {"node_modules", "dist", "__pycache__"}


class Stage:
    """A folder for the pages, which is emptied first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def lay(self) -> None:
        """Put everything there. Raises *FileNotFoundError* for a link to nothing."""
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(DOCS, self._folder)
        for page in [*DOCS.rglob("*.md"), *(ROOT / name for name in OF_ROOT)]:
            at = self._place(page)
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_text(led_elsewhere(page.read_text(), partial(self._led, page)))

    def _led(self, page: Path, link: Link) -> str:
        """The same link, from where *page* is in the book."""
        if not link.path:
            return f"#{link.anchor}"
        target = Path(os.path.normpath(page.parent / link.path))
        self._bring(target)
        to = os.path.relpath(self._place(target), self._place(page).parent)
        return f"{to}#{link.anchor}" if link.anchor else to

    def _place(self, path: Path) -> Path:
        """Where something of the repository is in the book."""
        if path.is_relative_to(DOCS):
            return self._folder / path.relative_to(DOCS)
        inside = path.relative_to(ROOT)
        if str(inside) in OF_ROOT:
            return self._folder / "project" / inside
        place = self._folder / "files" / inside
        return place / "README.md" if path.is_dir() else place

    def _bring(self, target: Path) -> None:
        """Have what a page leads to in the book."""
        place = self._place(target)
        if place.exists() or target.is_relative_to(DOCS) or place.parent.name == "project":
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_dir():
            shutil.copyfile(target, place)
            return
        names = [file.relative_to(target).as_posix() for file in sorted(_files(target))]
        for name in names:
            to = place.parent / f"{name}.txt"  # shown by browsers, whatever it is
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(target / name, to)
        listed = "\n".join(f"- [`{name}`]({name}.txt)" for name in names)
        place.write_text(f"# {target.relative_to(ROOT)}\n\n{listed}\n")


def _files(folder: Path) -> Iterator[Path]:
    for directory, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - PRODUCTS)
        yield from (Path(directory, name) for name in names)
