"""The form of what is said of a code."""

from typing import NamedTuple


class Words(NamedTuple):
    """What it *means*, and what *helps*."""

    means: str
    helps: str
