"""What was heard of errors and is not written yet: counted, with a few samples, whatever their number."""

import re
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reelhook.kit.text import shorten, storable
from reelhook.masking import HIDDEN, mask

SAMPLES = 10  # of each, the newest
LONGEST_MESSAGE = 500
# The beginning says who asked, the end what went wrong.
END = "\n"
TRACEBACK_HEAD, TRACEBACK_TAIL = 1_500, 6_500

# They belong to people, and say nothing of what went wrong. As far as one goes at most, lest a long text take long.
E_MAIL = re.compile(r"[^\s<>\"'@:/]{1,64}@(?=[\w-]{1,63}\.\w)")

Key = tuple[str, str]  # code and place
Sample = dict[str, Any]


@dataclass(slots=True)
class Tally:
    """Of one code at one place. *traceback* is None where there is none. The newest sample is the first."""

    unexpected: bool
    first_at: datetime
    last_at: datetime
    traceback: str | None = None
    count: int = 0
    samples: deque[Sample] = field(default_factory=lambda: deque(maxlen=SAMPLES))

    def add(self, sample: Sample, at: datetime) -> None:
        self.count += 1
        self.last_at = at
        self.samples.appendleft(sample)

    def go_on(self, later: "Tally") -> None:
        """Add what was heard *later*."""
        self.count += later.count
        self.last_at = later.last_at
        self.traceback = later.traceback or self.traceback
        self.samples.extendleft(reversed(later.samples))


def said(text: str) -> str:
    """A message fit to be stored and shown."""
    return shorten(_clean(text), LONGEST_MESSAGE)


def kept(text: str) -> str:
    """A traceback fit to be stored and shown: without its middle, where it is long."""
    text = _clean(text)
    if len(text) <= TRACEBACK_HEAD + TRACEBACK_TAIL:
        return text
    head, tail = text[:TRACEBACK_HEAD], text[-TRACEBACK_TAIL:]
    # In whole lines, where there are lines.
    return f"{head.rpartition(END)[0] or head}\n  …\n{tail.partition(END)[2] or tail}"


def _clean(text: str) -> str:
    """Without secrets, and without e-mail addresses."""
    return E_MAIL.sub(f"{HIDDEN}@", mask(storable(text)))
