"""`reelhook replay` from outside: by id, by filter, through a SIGKILL, and each event once."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from reelhook.cli.replay import register
from tests.processes import Service, wait_until

MANY = 300


def failure(number: int) -> dict[str, object]:
    return {"event_type": "avatar_video.fail", "event_data": {"video_id": f"hg-{number}", "msg": f"reason {number}"}}


def replay(service: Service, *words: str) -> Any:
    done = service.command("replay", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def rows(service: Service, query: str) -> list[Any]:
    """Looks into the file beside the server, which goes on."""
    connection = sqlite3.connect(f"file:{service.folder / 'reelhook.db'}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_replay_is_counted_asked_for_and_done_once_through_a_kill(service: Service) -> None:
    service.start()
    with ThreadPoolExecutor(4) as senders:
        answers = list(senders.map(lambda number: service.post(failure(number)).json(), range(MANY)))
    first = answers[0]["event_id"]
    wait_until(lambda: rows(service, "SELECT count(*) FROM events WHERE state = 'applied'") == [(MANY,)])
    videos = rows(service, "SELECT id, state, updated_at FROM videos ORDER BY id")

    assert replay(service, "--type", "avatar_video.fail", "--dry-run") == {"events": MANY, "dry_run": True}
    assert rows(service, "SELECT count(*) FROM jobs WHERE kind = 'replay_events'") == [(0,)]

    assert replay(service, first) == {"events": 1, "dry_run": False}
    wait_until(lambda: rows(service, f"SELECT replays FROM events WHERE id = '{first}'") == [(1,)])

    assert replay(service, "--state", "applied", "--source", "webhook") == {"events": MANY, "dry_run": False}
    wait_until(lambda: rows(service, "SELECT count(*) FROM events WHERE replays > 0")[0][0] > 40, what="some are done")
    service.kill()
    left = rows(service, "SELECT count(*) FROM events WHERE replays = 0")[0][0]
    service.start()
    wait_until(lambda: rows(service, "SELECT count(*) FROM events WHERE replays = 0") == [(0,)])
    wait_until(
        lambda: rows(service, "SELECT count(*) FROM jobs WHERE state <> 'done' AND kind LIKE '%events'") == [(0,)]
    )
    assert rows(service, "SELECT replays, count(*) FROM events GROUP BY replays") == [(1, MANY - 1), (2, 1)]
    assert rows(service, "SELECT id, state, updated_at FROM videos ORDER BY id") == videos
    assert left > 0, "the kill came too late to prove anything"

    with service.client() as client:
        event = client.get(f"/api/v1/events/{first}").json()
    assert (event["state"], event["verdict"], event["replays"]) == ("applied", "failed", 2)
    assert event["replay_verdict"] == "ignored: the video is already failed"


@pytest.mark.parametrize("words", [[], ["some-id", "--state", "applied"]])
def test_replay_wants_either_ids_or_filters(words: list[str]) -> None:
    app = typer.Typer()
    register(app)
    done = CliRunner().invoke(app, words)
    assert (done.exit_code, "at least one filter" in done.output) == (2, True)


def test_without_a_server_replay_leaves_the_work_for_the_next_one(service: Service) -> None:
    assert service.command("replay", "--state", "pending").stdout == "0 events will be replayed\n"
    done = service.command("replay", "nonsense", "--dry-run")
    assert (done.returncode, done.stderr) == (1, "reelhook: there is no event nonsense\n")
    done = service.command("replay", "--since", "2026-11-22T09:30:00")
    assert (done.returncode, "with its zone" in done.stderr) == (1, True)
