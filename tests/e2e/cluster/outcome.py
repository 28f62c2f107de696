"""What a run measured, and whether it is good."""

from dataclasses import dataclass, field

from tests.e2e.cluster.control import Control
from tests.e2e.cluster.deaths import Recovery
from tests.e2e.kill.judge import Verdict
from tests.e2e.kill.sender import Refused

BY_THE_PROXY = (502, 503, 504)


@dataclass
class Outcome:
    """Everything that was measured."""

    clients: int
    subjects: int
    verdict: Verdict = field(default_factory=Verdict)
    recovered: list[Recovery] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    requests: int = 0
    orders: int = 0
    connections: int = 0
    views: int = 0
    """Updates that were shown to viewers, all together."""
    seconds: float = 0.0
    control: Control | None = None

    @property
    def refused_in_peace(self) -> list[Refused]:
        """Webhooks that were turned away although a web process and Postgres were there all the time."""
        # Its last children may still have committed something when it was dead already: that is not yet its return.
        away = [(each.died, max(each.back, each.there)) for each in self.recovered if each.kind == "postgres killed"]
        return [
            one
            for one in self.refused
            if one.status in BY_THE_PROXY and not any(one.began < back and one.ended > died for died, back in away)
        ]

    @property
    def good(self) -> bool:
        return self.verdict.good and not self.refused_in_peace and self.control is not None and self.control.good
