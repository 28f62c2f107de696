"""How long HeyGen's links live, by what they say themselves."""

from datetime import UTC, datetime, timedelta

import pytest

from reelhook.events import dies_at, expires_at
from reelhook.events.links import ASSUMED_LIFE

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "ends"),
    [
        ("Expires=1760826433&Signature=a~b&Key-Pair-Id=K38", datetime(2025, 10, 18, 22, 27, 13, tzinfo=UTC)),
        ("X-Amz-Date=20261122T110000Z&X-Amz-Expires=3600", NOW),
        ("x-amz-date=20261122T110000Z&x-amz-expires=3600", NOW),
        ("X-Amz-Date=yesterday&X-Amz-Expires=3600", None),
        ("X-Amz-Expires=3600", None),
        ("Expires=soon", None),
        ("Expires=99999999999999999999", None),
        ("", None),
    ],
)
def test_a_link_says_when_it_ends(query: str, ends: datetime | None) -> None:
    assert expires_at(f"https://files2.heygen.ai/aws_pacific/a.mp4?{query}") == ends


def test_a_link_that_is_none_has_no_end() -> None:
    assert expires_at("http://[broken") is None


@pytest.mark.parametrize("url", [None, "https://resource2.heygen.ai/video/x/1280x720.mp4"])
def test_a_link_that_does_not_say_is_assumed_to_live_for_a_day(url: str | None) -> None:
    assert dies_at(url, NOW) == NOW + ASSUMED_LIFE == NOW + timedelta(hours=24)
