"""Whatever code the service gives a video that failed, the video's page says in plain words what it means."""

import re
from collections.abc import Iterator
from pathlib import Path

import reelhook.work  # noqa: F401 - all that can fail a video is imported with it
from reelhook.archive.errors import NotStored
from reelhook.errors import DatabaseUnavailable, ReelhookError
from reelhook.jobs.retry import Failure
from reelhook.jobs.worker import DIED
from reelhook.reconcile.endings import GAVE_UP
from reelhook.videos.lifecycle import UNKNOWN_CODE

WORDS = Path(__file__).parents[2] / "frontend/src/lib/words/failures.ts"
KEY = re.compile(r"^    '?(\w+)'?: ", re.MULTILINE)
# What a job of the archive, or the one that asks HeyGen to render, may end with.
ROOMS = ("reelhook.archive.", "reelhook.heygen.", "reelhook.jobs.", "reelhook.videos.handler")
NOT_OF_A_JOB = {NotStored}  # the answer to a wish for a link


def errors(base: type[ReelhookError] = ReelhookError) -> Iterator[type[ReelhookError]]:
    for error in base.__subclasses__():
        yield error
        yield from errors(error)


def test_every_code_that_a_video_can_fail_with_is_explained() -> None:
    explained = set(KEY.findall(WORDS.read_text().partition("reasons: {")[2]))
    raised = {each.code for each in errors() if each.__module__.startswith(ROOMS) and each not in NOT_OF_A_JOB}
    others = {UNKNOWN_CODE, GAVE_UP, DIED.code, Failure.of(ValueError()).code, DatabaseUnavailable.code}
    assert len(raised) > 25
    assert (raised | others) - explained == set()
