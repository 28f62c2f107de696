"""The live test's form, as a person runs it, with the simulator in HeyGen's place."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.forking import ROOT
from tests.live.judge import WAY
from tests.processes import Simulators, clean_environment, free_port, simulators

LIMIT_S = 120


@pytest.fixture(scope="module")
def heygen() -> Iterator[Simulators]:
    """One that tries again after a moment, and whose history and old API answer."""
    with simulators(0.3) as outside:
        outside.control("PATCH", "/settings", {"retry_first_s": 0.2, "retry_factor": 1.0})
        yield outside


def run(environment: dict[str, str], *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.live", *words]
    return subprocess.run(
        command, env=environment, cwd=ROOT, input=typed, capture_output=True, text=True, timeout=LIMIT_S
    )


def environment(heygen: Simulators, port: int, **more: object) -> dict[str, str]:
    settings = heygen.settings()
    del settings["cloudinary_url"]
    return clean_environment(**settings, **more, public_url=f"http://127.0.0.1:{port}")


def asked_of(heygen: Simulators) -> tuple[int, int]:
    """How many endpoints and how many videos there are at HeyGen."""
    return len(heygen.control("GET", "/endpoints")["endpoints"]), len(heygen.control("GET", "/videos")["videos"])


def test_without_a_key_it_is_skipped_and_says_why() -> None:
    done = run(clean_environment())
    assert done.returncode == 0
    assert "skipped: REELHOOK_HEYGEN_API_KEY" in done.stdout
    assert "REELHOOK_PUBLIC_URL" in done.stdout


@pytest.mark.parametrize("typed", ["", "y\n"])
def test_nothing_is_paid_for_before_somebody_typed_yes(heygen: Simulators, typed: str) -> None:
    before, port = asked_of(heygen), free_port()
    done = run(environment(heygen, port), "--port", str(port), typed=typed)
    assert (done.returncode, "nobody typed yes" in done.stdout) == (0, True)
    assert "Type yes" in done.stderr
    assert asked_of(heygen) == before


def test_an_address_that_leads_elsewhere_ends_it_before_the_question(heygen: Simulators) -> None:
    done = run(environment(heygen, free_port()), "--port", str(free_port()), typed="yes\n")
    assert done.returncode == 1
    assert "does not lead to" in done.stderr
    assert "Type yes" not in done.stderr


def test_an_address_that_is_in_use_is_left_alone(heygen: Simulators) -> None:
    port = free_port()
    heygen.register(f"http://127.0.0.1:{port}/webhooks/heygen")
    done = run(environment(heygen, port), "--port", str(port), typed="yes\n")
    assert (done.returncode, "registered at HeyGen already" in done.stderr) == (1, True)
    for endpoint in heygen.control("GET", "/endpoints")["endpoints"]:
        assert endpoint["rotations"] == 0


@pytest.fixture(scope="module")
def told(heygen: Simulators, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What a whole run printed, and the report that it wrote."""
    out, port = tmp_path_factory.mktemp("live") / "report.json", free_port()
    words = ("--port", str(port), "--linger", "2.5", "--out", str(out))
    heygen.control("PATCH", "/settings", {"probe_endpoints": True})
    done = run(environment(heygen, port), *words, typed="yes\n")
    heygen.control("PATCH", "/settings", {"probe_endpoints": False})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, json.loads(out.read_text())


def test_one_render_goes_the_whole_way(heygen: Simulators, told: tuple[str, dict[str, Any]]) -> None:
    printed, report = told
    assert [check for check in report["checks"] if not check["good"]] == []
    assert report["good"]
    said = {check["what"]: check["said"] for check in report["checks"]}
    assert said["HeyGen's signed webhook arrived and was taken"] == "3 copies, answered 503, 307, 200"
    assert said["the stream told its whole way"] == " → ".join(WAY)
    assert "Every part of the way works." in printed
    assert heygen.control("GET", "/videos")["videos"][-1]["media"]["video"]["bytes"]


def test_every_open_question_has_an_answer_or_a_reason(told: tuple[str, dict[str, Any]]) -> None:
    printed, report = told
    answers = {answer["number"]: answer for answer in report["answers"]}
    assert sorted(answers) == list(range(1, 13))
    assert all(answer["said"] for answer in answers.values())
    assert answers[1]["said"].startswith("signed in signature; of Heygen-Timestamp and Heygen-Event-Id neither came")
    assert re.match(r"3 copies came, answered 503, 307, 200, with 0\.\d s, 0\.\d s between them", answers[2]["said"])
    assert "the same bytes, no id" in answers[3]["said"]
    assert re.match(r"it does: OPTIONS answered 200 in \d+ ms", answers[4]["said"])
    assert answers[5]["said"] == "7.00 days in the link of the webhook; 7.00 days in the link of the API"
    assert "avatar_video_caption.success: " in answers[6]["said"]
    assert answers[7]["said"] == "/v1/video_status.get 404, /v1/webhook/endpoint.list 404"
    assert answers[8]["said"] == "addresses 127.0.0.1; User-Agent HeyGen-Webhook-Simulator/1"
    assert "newest first" in answers[9]["said"]
    assert not answers[11]["seen"]
    assert answers[12]["said"].startswith("it does not follow 307; the delivery came again after")
    assert all(f"| {number} | {answer['question']}" in printed for number, answer in answers.items())


def test_the_capture_shows_nothing_of_anybodys(heygen: Simulators, told: tuple[str, dict[str, Any]]) -> None:
    _, report = told
    written = json.dumps(report["capture"])
    assert {visit["method"] for visit in report["capture"]} == {"OPTIONS", "POST"}
    assert "avatar_video.success" in written
    video = heygen.control("GET", "/videos")["videos"][-1]
    sent = [one for one in heygen.control("GET", "/deliveries")["deliveries"] if video["id"] in one["body"]]
    for secret in (heygen.heygen_api_key, video["id"], *(one["attempts"][0]["headers"]["signature"] for one in sent)):
        assert secret not in json.dumps(report)
    assert not re.search(r"Signature=[^*]|Expires=[^*]", written)


def test_with_cloudinary_it_is_kept_there_and_nothing_is_refused_when_nobody_asked(
    heygen: Simulators, tmp_path: Path
) -> None:
    port = free_port()
    words = ("--port", str(port), "--linger", "0", "--answers", "", "--out", str(tmp_path / "report.json"))
    done = run(environment(heygen, port, cloudinary_url=heygen.cloudinary_url), *words, typed="yes\n")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    said = {check["what"]: check["said"] for check in report["checks"]}
    assert said["what is stored is what was verified"].endswith("at cloudinary")
    assert said["HeyGen's signed webhook arrived and was taken"] == "1 copies, answered 200"
    assert [answer["number"] for answer in report["answers"] if not answer["seen"]] == [2, 11, 12]


def test_a_webhook_that_never_comes_fails_it_and_the_endpoint_is_deleted_all_the_same(
    heygen: Simulators, tmp_path: Path
) -> None:
    port, before = free_port(), asked_of(heygen)[0]
    heygen.control("POST", "/plans", {"plans": [{"delivery": "lost"}]})
    words = ("--port", str(port), "--linger", "0", "--minutes", "0.1", "--out", str(tmp_path / "report.json"))
    done = run(environment(heygen, port), *words, typed="yes\n")
    assert done.returncode == 1
    report = json.loads((tmp_path / "report.json").read_text())
    good = {check["what"]: check["good"] for check in report["checks"]}
    assert (good["it could go on"], good["the endpoint was deleted at HeyGen again"]) == (False, True)
    assert asked_of(heygen)[0] == before
