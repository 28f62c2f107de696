"""Looking into refused requests never keeps others waiting, and nothing secret of them is kept."""

import asyncio
import threading

import pytest

from reelhook.db.tables import rejections
from reelhook.events import Diagnosis, Secret
from reelhook.ingest import examining
from reelhook.ingest.examining import AT_ONCE_BYTES, MOST_UNDER_WAY, NOT_EXAMINED, Examiner
from reelhook.ingest.secrets import Known
from tests.conftest import eventually

from .conftest import SECRET, Scene
from .serving import ask, request

LONG = b"x" * (AT_ONCE_BYTES + 1)
WRONG = {"signature": "0" * 64}


async def test_only_so_many_long_bodies_are_looked_into_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = [], threading.Event()

    def slow(*asked: object) -> Diagnosis:
        begun.append(asked)
        assert go_on.wait(10)
        return Diagnosis("wrong_secret", "")

    monkeypatch.setattr(examining, "diagnose", slow)
    examiner, known = Examiner(), Known((Secret("one", SECRET),))
    under_way = [asyncio.create_task(examiner.examine(LONG, WRONG, known)) for _ in range(MOST_UNDER_WAY)]
    await eventually(lambda: len(begun) == MOST_UNDER_WAY)
    assert await examiner.examine(LONG, WRONG, known) is NOT_EXAMINED
    go_on.set()
    assert {found.reason for found in await asyncio.gather(*under_way)} == {"wrong_secret"}
    assert (await examiner.examine(LONG, WRONG, known)).reason == "wrong_secret"


async def test_the_secret_itself_is_recognised_and_not_kept(port: int, scene: Scene) -> None:
    answer = await ask(port, request(b'{"secret": "%s"}' % SECRET.encode(), x_hook=f"key={SECRET}"))
    (row,) = await scene.rows(rejections)
    assert (answer.code, row.reason) == ("secret_sent", "secret_sent")
    assert SECRET.encode() not in row.body + row.headers
    assert SECRET not in row.detail + answer.body.decode()
