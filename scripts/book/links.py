"""The links and headings of a Markdown page, as a code host and the book both understand them."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

CODE = re.compile(r"^(?P<fence>```+|~~~+)[^\n]*\n.*?^(?P=fence)[ ]*$|(?<!`)(`+)(?!`).+?(?<!`)\2(?!`)", re.M | re.S)
LINK = re.compile(r"(?P<before>\]\()(?P<target>[^()\s]+(?:\([^()\s]*\)[^()\s]*)*)(?P<after>(?:\s+\"[^\"]*\")?\))")
HEADING = re.compile(r"^#{1,6} +(.+?)[ #]*$", re.M)
ANCHOR = re.compile(r"<a (?:id|name)=\"([^\"]+)\"")
FENCE = re.compile(r"^(```+|~~~+)[^\n]*\n.*?^\1[ ]*$", re.M | re.S)
FOREIGN = re.compile(r"[a-z][a-z0-9+.-]*:|//|/", re.I)


class Link(NamedTuple):
    """Where a link leads: a path from where the page is (empty: the page itself), and a heading (empty: the top)."""

    path: str
    anchor: str


def links(page: str) -> Iterator[Link]:
    """Every link of *page* that does not lead to another site."""
    for at in LINK.finditer(CODE.sub("", page)):
        if not FOREIGN.match(at["target"]):
            path, _, anchor = at["target"].partition("#")
            yield Link(unquote(path), anchor)


def led_elsewhere(page: str, where: Callable[[Link], str]) -> str:
    """*page* with each link that does not lead to another site replaced by what *where* says. Code stays as it is."""

    def changed(text: str) -> str:
        return LINK.sub(lambda at: at["before"] + _target(at["target"], where) + at["after"], text)

    parts, last = [], 0
    for code in CODE.finditer(page):
        parts += [changed(page[last : code.start()]), code[0]]
        last = code.end()
    return "".join([*parts, changed(page[last:])])


def _target(target: str, where: Callable[[Link], str]) -> str:
    if FOREIGN.match(target):
        return target
    path, _, anchor = target.partition("#")
    return where(Link(unquote(path), anchor))


def anchors(page: str) -> set[str]:
    """What a link to *page* may name behind `#`. A second heading of the same words gets `-1`, and so on."""
    found: set[str] = set(ANCHOR.findall(page))
    for heading in HEADING.findall(FENCE.sub("", page)):
        slug = base = slug_of(heading)
        number = 0
        while slug in found:
            number += 1
            slug = f"{base}-{number}"
        found.add(slug)
    return found


def slug_of(heading: str) -> str:
    """The name of a heading: its words in lower case, joined by hyphens."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
