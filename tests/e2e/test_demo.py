"""`make demo ARGS="--once --json"`, as a newcomer runs it."""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.processes import STOP_LIMIT_S, clean_environment, run_command

WAY = ["requested", "rendering", "rendered", "archiving", "ready"]


def test_the_demo_ends_as_its_scenario_says_and_prints_one_document() -> None:
    done = run_command("demo", "--once", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["totals"] == {"events": 10, "duplicates": 2, "rejections": 1, "lost": 0}
    ends = [video["states"] for video in report["videos"]]
    assert ends == [WAY] * 5 + [["requested", "rendering", "failed"]]
    assert all(len(video["sha256"]) == 64 and video["bytes"] for video in report["videos"][:5])
    assert {video["store"] for video in report["videos"]} == {"local", "cloudinary"}
    assert report["videos"][5]["failure"] == {
        "by": "heygen",
        "code": "MOVIO_PAYMENT_INSUFFICIENT_CREDIT",
        "message": "Insufficient credit. This operation requires 'api' credits.",
    }
    assert all(video["webhook_to_browser_ms"] > 0 for video in report["videos"])


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Sockets have paths of a hundred characters at most, and pytest's own folders are long."""
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


@pytest.mark.parametrize(("ended_by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_demo_keeps_serving_until_it_is_ended(ended_by: signal.Signals, code: int, short_folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "reelhook", "demo"],
        env=clean_environment(PYTHONUNBUFFERED="1") | {"TMPDIR": str(short_folder)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Whoever starts the tests in the background of a shell has them ignore it, and all that they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
    )
    assert process.stdout is not None
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line)
            if "Still serving" in line:
                break
        link = next(line.split()[-1] for line in said if "#link=" in line)
        base, token = link.split("/sign-in#link=")
        with httpx.Client(base_url=base, headers={"x-reelhook": "1"}, timeout=15) as browser:
            assert browser.post("/api/v1/session/link", json={"token": token}).status_code == 200
            assert len(browser.get("/api/v1/videos").json()["data"]) == 6
        assert sum("[" in line and "ms from webhook to browser]" in line for line in said) == 6
    finally:
        process.send_signal(ended_by)
        process.wait(STOP_LIMIT_S)
        process.stdout.close()
    assert process.returncode == code
    assert list(short_folder.iterdir()) == []
    with pytest.raises(httpx.TransportError):
        httpx.get(base, timeout=15)
