"""The control: spoil the facts of a run that was good, one by one. The judge must see each, or sees nothing."""

from dataclasses import asdict, dataclass, replace

from tests.e2e.kill.facts import Facts, View
from tests.e2e.kill.judge import judge


@dataclass(frozen=True)
class Control:
    """What the judge counted when one viewer was not shown an update, was shown one twice, and an event was taken."""

    gaps: int
    repeats: int
    lost: int

    @property
    def good(self) -> bool:
        return self == Control(1, 1, 1)

    def told(self) -> dict[str, int]:
        return asdict(self)


def control(facts: Facts) -> Control:
    """For facts in order; one viewer must have been shown something, and one event acknowledged."""
    true = judge(facts)
    number, view = next((number, view) for number, view in enumerate(facts.views) if view.shown)
    dropped, repeated = view.shown[:-1], [*view.shown, view.shown[-1]]
    return Control(
        gaps=judge(_with(facts, number, replace(view, shown=dropped))).gaps - true.gaps,
        repeats=judge(_with(facts, number, replace(view, shown=repeated))).repeats - true.repeats,
        lost=judge(_without_one_event(facts)).lost - true.lost,
    )


def _with(facts: Facts, number: int, view: View) -> Facts:
    return replace(facts, views=[*facts.views[:number], view, *facts.views[number + 1 :]])


def _without_one_event(facts: Facts) -> Facts:
    digest = next(iter(facts.acknowledged))
    events = {event_id: each for event_id, each in facts.rows.events.items() if each != digest}
    return replace(facts, rows=replace(facts.rows, events=events))
