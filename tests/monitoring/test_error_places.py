"""An error is known by the function of ours in which it happened."""

import traceback

import pytest

from reelhook.db import Database
from reelhook.kit.pages import decode
from reelhook.monitoring.errors.places import UNKNOWN, place
from reelhook.monitoring.errors.tally import kept, said
from reelhook.monitoring.rules.rule import Limits
from tests.monitoring.scene import Scene

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_an_error_without_a_traceback_is_nowhere() -> None:
    assert place(ValueError("never raised")) == UNKNOWN


def test_the_innermost_function_of_ours_counts() -> None:
    with pytest.raises(AttributeError) as caught:
        Limits.of(None)  # type: ignore[arg-type]
    assert place(caught.value) == "reelhook.monitoring.rules.rule:Limits.of"


def test_plumbing_counts_where_no_room_used_it() -> None:
    with pytest.raises(ValueError, match="cursor") as caught:
        decode("?")
    assert place(caught.value) == "reelhook.kit.pages:decode"


async def test_a_room_is_named_rather_than_the_plumbing_it_works_through(scene: Scene, db: Database) -> None:
    """Else whatever fails in the database would be one error."""
    await scene.db.write(lambda tx: tx.conn.exec_driver_sql("DROP TABLE rule_readings") and None)
    with pytest.raises(Exception, match="rule_readings") as caught:
        await scene.sees()
    assert place(caught.value) == "reelhook.monitoring.evaluation:Evaluation.follow"


def test_of_a_long_traceback_the_beginning_and_the_end_are_kept() -> None:
    lines = "".join(f'  File "{at}.py"\n' for at in range(2_000))
    short = kept(f"Traceback\n{lines}ValueError: {SECRET}\n")
    assert len(short) < 8_100
    assert short.startswith('Traceback\n  File "0.py"')
    assert short.endswith("ValueError: whsec_***\n")
    assert {line[:8] for line in short.splitlines()} == {"Tracebac", '  File "', "  …", "ValueErr"}, "whole lines"
    assert kept("Traceback\n") == "Traceback\n"
    assert len(kept("x" * 10_000)) > 7_900


def test_no_secret_and_nobodys_address_is_kept() -> None:
    assert (
        said(f"550 <bo.b+x@mail.example.com> {SECRET} is unknown") == "550 <***@mail.example.com> whsec_*** is unknown"
    )
    assert said("a@b and @property stay") == "a@b and @property stay"
    assert len(said("x" * 5_000 + "@")) == 500


def test_the_text_of_a_real_one_fits() -> None:
    with pytest.raises(AttributeError) as caught:
        Limits.of(None)  # type: ignore[arg-type]
    text = "".join(traceback.format_exception(caught.value))
    assert kept(text) == text
