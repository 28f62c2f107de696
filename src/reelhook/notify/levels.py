"""Whether a way is on for one person: the product's default, what the workspace says, what the person chose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from reelhook.notify.kinds import DEFAULTS, IN_APP

Choices = Mapping[str, Mapping[str, bool]]
Level = Literal["default", "workspace", "mine"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether it is *on*, which *level* decided that, and whether the person can decide otherwise."""

    on: bool
    level: Level
    locked: bool


@dataclass(frozen=True, slots=True)
class Workspace:
    """What admins chose: *kinds* where it differs from the default, *locked* ways, and *critical* kinds."""

    kinds: Choices = field(default_factory=dict)
    locked: Mapping[str, Sequence[str]] = field(default_factory=dict)
    critical: Sequence[str] = ()

    def on(self, kind: str, way: str) -> bool:
        return self._base(kind, way)[0]

    def choice(self, mine: Choices, kind: str, way: str, *, critical: bool = False) -> Choice:
        """What holds for a person who chose *mine*. What is *critical*, or of a critical kind, nobody can mute."""
        base, level = self._base(kind, way)
        if critical or kind in self.critical:
            if way == IN_APP or base:
                return Choice(True, level, True)
        elif way in self.locked.get(kind, ()):
            return Choice(base, level, True)
        own = mine.get(kind, {}).get(way)
        return Choice(base, level, False) if own is None else Choice(own, "mine", False)

    def _base(self, kind: str, way: str) -> tuple[bool, Level]:
        said = self.kinds.get(kind, {}).get(way)
        return (way in DEFAULTS[kind], "default") if said is None else (said, "workspace")
