"""What goes wrong is heard, folded and written, on both databases; nothing waits for it, and a flood is one row."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import event, update

from reelhook import __version__, logs, metrics
from reelhook.db import Database
from reelhook.db.tables import error_groups, jobs
from reelhook.errors import DatabaseUnavailable, ReelhookError
from reelhook.jobs import Failure, Queue
from reelhook.jobs.kinds import ApplyEvents, ArchiveAsset
from reelhook.jobs.queue import Job
from reelhook.kit.ids import Ids
from reelhook.kit.times import rfc3339
from reelhook.monitoring.errors import book as book_module
from reelhook.monitoring.errors.book import ErrorBook
from tests.conftest import START, StillClock
from tests.monitoring.scene import Scene

pytestmark = pytest.mark.usefixtures("configured_logs")
LEASE = timedelta(seconds=30)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
async def book(db: Database, clock: StillClock, ids: Ids) -> AsyncIterator[ErrorBook]:
    one = ErrorBook(db, clock, ids)
    one.listen()
    yield one
    await one.close()


def crash(words: object = "no such key", **line: Any) -> None:
    """Something breaks, and is logged with its traceback."""
    try:
        raise KeyError(words)
    except KeyError as error:
        logs.get("tests").error("it.broke", exc_info=error, **line)


def lost() -> float:
    return metrics.TELEMETRY_LOST.labels("errors")._value.get()


async def the_one(scene: Scene) -> Any:
    (row,) = await scene.rows(error_groups)
    return row


async def claimed(db: Database, clock: StillClock, ids: Ids, work: Any) -> Job:
    queue = Queue(clock, ids)

    def add_and_claim(tx: Any) -> Job:
        queue.add(tx, work)
        (job,) = queue.claim(tx, "w", LEASE, 1)
        return job

    return await db.write(add_and_claim)


async def test_an_error_is_kept_with_what_it_says_and_what_it_hit(book: ErrorBook, scene: Scene) -> None:
    crash(f"no such key {SECRET}", event_id="e-1", video="v-1", request_id="r-1", method="GET", path="/api/v1/x")
    await book.flush()
    row = await the_one(scene)
    assert (row.code, row.unexpected, row.happened, row.came_back) == ("KeyError", True, 1, 0)
    assert row.place == "tests.monitoring.test_error_book:crash", "no frame of ours, so the innermost of all"
    assert (row.first_seen_at, row.last_seen_at, row.new_at, row.version) == (START, START, START, __version__)
    assert row.message == "'no such key whsec_***'"
    assert row.traceback.startswith("Traceback (most recent call last):\n")
    assert row.traceback.endswith("KeyError: 'no such key whsec_***'\n")
    about = {"event_id": "e-1", "video_id": "v-1", "job_id": None}
    about |= {"request": "GET /api/v1/x", "request_id": "r-1"}
    assert row.samples == [{"at": rfc3339(START), "message": row.message} | about]


async def test_a_flood_is_one_row_and_one_write(book: ErrorBook, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    tracebacks: list[str] = []
    monkeypatch.setattr(book_module, "kept", lambda text: tracebacks.append(text) or text)
    statements: list[str] = []
    event.listen(scene.db._writer, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for at in range(2_000):
        book.crashed(KeyError(f"number {at}"), {"event_id": f"e-{at}"})
    await book.flush()
    await book.flush()
    row = await the_one(scene)
    assert (row.happened, row.message) == (2_000, "'number 1999'")
    assert [sample["event_id"] for sample in row.samples] == [f"e-{at}" for at in range(1999, 1989, -1)]
    assert len([said for said in statements if said.startswith(("INSERT", "UPDATE"))]) == 2
    assert len(tracebacks) == 1, "they cost the most"


async def test_what_happens_again_goes_on_where_it_was(book: ErrorBook, scene: Scene) -> None:
    crash("first")
    await book.flush()
    before = await the_one(scene)
    scene.clock.move(60)
    crash("second")
    crash("third")
    await book.flush()
    row = await the_one(scene)
    assert (row.id, row.happened, row.message) == (before.id, 3, "'third'")
    assert row.last_id > before.last_id, "it leads the list now"
    assert row.last_seen_at - row.first_seen_at == timedelta(seconds=60)
    assert [sample["message"] for sample in row.samples] == ["'third'", "'second'", "'first'"]


async def test_what_was_resolved_and_happens_again_came_back(book: ErrorBook, scene: Scene) -> None:
    async def resolve() -> None:
        mended = update(error_groups).values(resolved_at=scene.clock.now(), resolved_by="key:k")
        await scene.db.write(lambda tx: tx.execute(mended) and None)

    crash()
    await book.flush()
    crash("before it was mended")
    scene.clock.move(1)
    await resolve()
    await book.flush()
    assert (await the_one(scene)).resolved_at is not None, "it was heard before, and written after"
    scene.clock.move(1)
    crash()
    await book.flush()
    row = await the_one(scene)
    assert (row.resolved_at, row.resolved_by, row.came_back) == (None, None, 1)
    assert (row.first_seen_at, row.new_at) == (START, scene.clock.now())


async def test_an_error_that_is_logged_twice_happened_once(book: ErrorBook, scene: Scene) -> None:
    error = KeyError("once")
    for _ in range(2):
        logs.get("tests").error("on.its.way.up", exc_info=error)
    await book.flush()
    assert (await the_one(scene)).happened == 1


async def test_an_attempt_that_failed_is_kept_with_what_its_job_is_about(
    book: ErrorBook, scene: Scene, clock: StillClock, ids: Ids
) -> None:
    archive = await claimed(scene.db, clock, ids, ArchiveAsset(video_id="v-1", asset_id="a-1"))
    apply = await claimed(scene.db, clock, ids, ApplyEvents(event_ids=("e-1",)))
    many = await claimed(scene.db, clock, ids, ApplyEvents(event_ids=("e-2", "e-3")))
    for job in (archive, apply, many):
        book.attempt_failed(job, Failure("store_unavailable", f"no answer {SECRET}", True))
    book.attempt_failed(archive, Failure.of(ValueError("logged with its traceback")))
    await book.flush()
    of_apply, of_archive = sorted(await scene.rows(error_groups), key=lambda row: row.place)
    assert [(row.code, row.place, row.unexpected, row.happened, row.traceback) for row in (of_apply, of_archive)] == [
        ("store_unavailable", "apply_events", False, 2, None),
        ("store_unavailable", "archive_asset", False, 1, None),
    ]
    assert of_archive.message == "no answer whsec_***"
    assert [(one["job_id"], one["video_id"], one["event_id"]) for one in of_archive.samples + of_apply.samples] == [
        (archive.id, "v-1", None),
        (many.id, None, None),
        (apply.id, None, "e-1"),
    ]


async def test_a_job_of_another_version_spoils_nothing(
    book: ErrorBook, scene: Scene, clock: StillClock, ids: Ids
) -> None:
    job = await claimed(scene.db, clock, ids, ApplyEvents(event_ids=("e-1",)))
    await scene.db.write(lambda tx: tx.execute(update(jobs).values(payload=["?"])) and None)
    book.attempt_failed(job, Failure("unreadable_work", "?", True))
    await book.flush()
    assert (await the_one(scene)).samples[0]["event_id"] is None


async def test_while_the_database_is_away_numbers_are_kept_and_what_there_is_no_room_for_is_lost(
    book: ErrorBook, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(work: object, limit_s: float) -> None:
        book.crashed(KeyError("meanwhile"), {})
        raise DatabaseUnavailable("it is away")

    monkeypatch.setattr(book_module, "MOST_WAITING", 2)
    before = lost()
    with monkeypatch.context() as patched:
        patched.setattr(scene.db, "write", away)
        for error in (KeyError("a"), ValueError("b"), TypeError("c"), KeyError("d")):
            book.crashed(error, {})
        assert lost() == before + 1, "the third"
        await book.flush()
    await book.flush()
    rows = {row.code: row for row in await scene.rows(error_groups)}
    assert {code: row.happened for code, row in rows.items()} == {"KeyError": 3, "ValueError": 1}
    assert [sample["message"] for sample in rows["KeyError"].samples] == ["'meanwhile'", "'d'", "'a'"]


async def test_a_process_that_stops_in_the_midst_of_a_write_writes_it_all_the_same(
    book: ErrorBook, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way = asyncio.Event()

    async def stuck(work: object, limit_s: float) -> None:
        under_way.set()
        await asyncio.Event().wait()

    crash()
    with monkeypatch.context() as patched:
        patched.setattr(scene.db, "write", stuck)
        writing = asyncio.create_task(book.flush())
        await asyncio.wait_for(under_way.wait(), 10)
        writing.cancel()
        await asyncio.wait((writing,), timeout=10)
    await book.close()
    assert (await the_one(scene)).happened == 1


async def test_what_can_not_be_written_is_counted_and_does_not_come_again(
    book: ErrorBook, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a fault of our own")

    before = lost()
    with monkeypatch.context() as patched:
        patched.setattr(book_module, "write", broken)
        crash()
        await book.flush()
    assert lost() == before + 1
    await book.flush()
    assert await scene.rows(error_groups) == [], "nor is it heard of as an error: that would go round for ever"


async def test_an_error_whose_own_words_fail_hides_nothing(book: ErrorBook) -> None:
    class Speechless(Exception):
        def __str__(self) -> str:
            raise RuntimeError("not even that")

    before = lost()
    book.crashed(Speechless(), {})
    assert lost() == before + 1


async def test_errors_are_heard_in_every_thread_until_the_end_and_what_is_left_then_is_written(
    book: ErrorBook, scene: Scene
) -> None:
    threads = [Thread(target=lambda: [crash() for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    await book.close()
    crash("too late")
    await book.flush()
    assert (await the_one(scene)).happened == 200


async def test_two_processes_that_fail_alike_write_one_group(
    book: ErrorBook, scene: Scene, clock: StillClock, ids: Ids
) -> None:
    other = ErrorBook(scene.db, clock, ids)
    for one in (book, other):
        for error in (KeyError("a"), ValueError("b")):
            one.crashed(error, {})
    await book.flush()
    await other.flush()
    assert {row.code: row.happened for row in await scene.rows(error_groups)} == {"KeyError": 2, "ValueError": 2}


async def test_an_error_of_ours_is_known_by_its_code(book: ErrorBook, scene: Scene) -> None:
    class Odd(ReelhookError):
        code = "odd"

    book.crashed(Odd("strange"), {})
    await book.flush()
    assert (await the_one(scene)).code == "odd"
