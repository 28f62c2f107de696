"""A page of the guides as blocks of shell, each with the heading it stands under."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.deploy.artefacts import ROOT

DOCS = ROOT / "docs"


@dataclass(frozen=True)
class Block:
    """One fenced `sh` block."""

    heading: str
    number: int
    """Of its page, from 1."""
    text: str


def blocks(page: str) -> list[Block]:
    """Those of docs/*page*, in order."""
    found: list[Block] = []
    heading = ""
    for piece in re.finditer(
        r"^(?P<level>#+) (?P<heading>[^\n]+)$|^```sh\n(?P<text>.*?)^```$", read(page), re.M | re.S
    ):
        if piece["heading"]:
            heading = piece["heading"]
        else:
            found.append(Block(heading, len(found) + 1, piece["text"]))
    return found


def read(page: str) -> str:
    return (DOCS / page).read_text()


def meant(text: str, instead: Sequence[tuple[str, str]]) -> str:
    """*text* with what is written in it for a reader replaced by what there is in a test."""
    for written, there in instead:
        text = text.replace(written, there)
    return text
