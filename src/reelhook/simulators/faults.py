"""Misbehaviour to order: what shall go wrong, where, and how many times."""

from collections.abc import Mapping
from dataclasses import dataclass

from reelhook.simulators.records import RecordError


@dataclass
class Fault:
    """One fault. It strikes requests at *on* whose subject contains *target*, after *skip* of them went well.

    What *on* and *kind* may be, and what the subject is, each simulator says in its own `faults.py`.
    """

    on: str = ""
    kind: str = ""
    target: str = ""
    """Part of the subject; empty: every request."""
    times: int = 1
    """How many requests it strikes; 0: all, until it is cleared."""
    skip: int = 0
    seconds: float = 0
    """Of a delay, or of a Retry-After."""
    bytes: int = 0
    """After how many bytes a line goes dead, or how many are missing."""
    bytes_per_s: int = 0
    url: str = ""
    """Where a redirect leads."""
    struck: int = 0
    """How many requests it has struck (told, not set)."""


class Faults:
    """The faults that are armed, oldest first."""

    def __init__(self, kinds: Mapping[str, frozenset[str]]) -> None:
        self._kinds = kinds
        self.armed: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Arm *fault*. Raises RecordError when there is no such place or kind."""
        if fault.on not in self._kinds:
            raise RecordError(f"on: {fault.on!r} is none of {sorted(self._kinds)}")
        if fault.kind not in self._kinds[fault.on]:
            raise RecordError(f"kind: {fault.kind!r} is none of {sorted(self._kinds[fault.on])}")
        self.armed.append(fault)

    def take(self, on: str, subject: str, kinds: frozenset[str] | None = None) -> Fault | None:
        """The fault that strikes this request, if any. One call is one request."""
        for fault in self.armed:
            if fault.on != on or fault.target not in subject or (kinds is not None and fault.kind not in kinds):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if not fault.times or fault.struck < fault.times:
                fault.struck += 1
                return fault
        return None

    def clear(self) -> None:
        """Disarm all."""
        self.armed.clear()
