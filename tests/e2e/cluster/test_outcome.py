"""What a run says about itself: who was refused although it need not have been, and whether the judge sees at all."""

import pytest

from reelhook.db import Database
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import stream
from tests.conftest import START
from tests.e2e.cluster import control as control_module
from tests.e2e.cluster.audience import Due, Viewer
from tests.e2e.cluster.control import Control, control
from tests.e2e.cluster.deaths import Recovery
from tests.e2e.cluster.outcome import Outcome
from tests.e2e.kill.judge import Verdict
from tests.e2e.kill.sender import Refused
from tests.e2e.kill.test_judge import IN_ORDER

SEEING = Control(gaps=1, repeats=1, lost=1)
DEATHS = [
    Recovery("postgres killed", 10.0, 12.0, there=11.0),
    Recovery("web killed", 20.0, 20.1, there=22.0),
    Recovery("postgres killed", 30.0, 30.1, there=32.0),
]


@pytest.mark.parametrize(
    ("refused", "in_peace"),
    [
        (Refused(10.5, 11.0, 503), False),
        (Refused(9.9, 10.1, 503), False),  # sent before, refused after
        (Refused(11.9, 12.5, 502), False),
        (Refused(31.0, 31.1, 503), False),
        (Refused(12.1, 12.2, 503), True),
        (Refused(20.5, 21.0, 502), True),  # the other web process was there
        (Refused(20.5, 21.0, 0), False),  # nobody refused it: the connection ended
    ],
)
def test_a_webhook_may_be_refused_while_postgres_is_away_and_at_no_other_time(refused: Refused, in_peace: bool) -> None:
    outcome = Outcome(1, 1, recovered=DEATHS, refused=[refused], control=SEEING)
    assert (outcome.refused_in_peace == [refused]) is in_peace
    assert outcome.good is not in_peace


def test_the_control_sees_each_thing_that_is_spoilt() -> None:
    assert control(IN_ORDER) == SEEING
    assert SEEING.good


def test_a_run_whose_judge_sees_nothing_is_not_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "judge", lambda _: Verdict())
    blind = control(IN_ORDER)
    assert blind == Control(0, 0, 0)
    assert not Outcome(1, 1, control=blind).good


def test_what_is_due_to_a_viewer_is_read_from_the_stream_table(prepared: Database) -> None:
    rows = [("ann", "v1"), ("ann", "v2"), ("bob", "v3"), (None, "v4")]
    made = [
        {"event": "video.updated", "subject": of, "video_id": video, "data": "{}", "at": START} for of, video in rows
    ]
    prepared.write_now(lambda tx: insert_or_ignore(tx, stream, made))
    due = prepared.write_now(lambda tx: Due.read(tx.conn.connection.driver_connection))
    assert due.of(Viewer("ann", narrow=False, watcher=None)) == {1, 2}  # type: ignore[arg-type]
    assert due.of(Viewer("ann", narrow=True, watcher=None, video_id="v2")) == {2}  # type: ignore[arg-type]
    assert due.of(Viewer("carl", narrow=False, watcher=None)) == frozenset()  # type: ignore[arg-type]
    assert due.of(Viewer("ann", narrow=True, watcher=None)) == frozenset()  # type: ignore[arg-type]
