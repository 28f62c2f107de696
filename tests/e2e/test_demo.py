"""`make demo ARGS="--once --json"`, as a newcomer runs it."""

import json

from tests.processes import run_command

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
