"""Prints what CHANGELOG.md says of a release: `python scripts/release_notes.py v1.2.3`.

Fails unless the tag, the version of the package and the newest dated section of the changelog are the same.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)
SECTION = re.compile(r"^## ", re.MULTILINE)
DATED = re.compile(r"(?P<version>\d+\.\d+\.\d+) - \d{4}-\d{2}-\d{2}\n")


def notes(tag: str, package: str, changelog: str) -> str:
    """The section of *tag*, without its heading. Raises *ValueError* that says what does not agree."""
    found = VERSION.search(package)
    if not found or tag != f"v{found[1]}":
        raise ValueError(f"the tag is {tag}, and the package says {found and found[1]}")
    _, unreleased, *released = SECTION.split(changelog)
    if unreleased.partition("\n")[2].strip():
        raise ValueError("the changelog still has entries under Unreleased: give them their version")
    newest = DATED.match(released[0]) if released else None
    if not newest or newest["version"] != found[1]:
        raise ValueError(f"the newest section of the changelog is not `## {found[1]} - YYYY-MM-DD`")
    return released[0][newest.end() :].strip() + "\n"


def main(tag: str) -> int:
    try:
        print(notes(tag, (ROOT / "src/reelhook/__init__.py").read_text(), (ROOT / "CHANGELOG.md").read_text()), end="")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
