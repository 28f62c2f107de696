"""One limit for two web processes, and what is left of it while Redis is away."""

import itertools
import time

import httpx2 as httpx

from tests.e2e.many import Installation, installation, postgres, redis_server
from tests.processes import Service, wait_until
from tests.redis_server import RedisServer

__all__ = ["installation", "postgres", "redis_server"]

RATE, BURST = 0.6, 6
numbers = itertools.count(1)


def delivered(service: Service) -> int:
    data = {
        "event_type": "avatar_video.fail",
        "event_data": {"video_id": f"hg-{next(numbers)}", "msg": "No such voice"},
    }
    return service.post(data).status_code


def signing_in(service: Service) -> httpx.Response:
    body = {"email": "nobody@example.com", "password": "wrong password"}
    return httpx.post(f"{service.base}/api/v1/session", json=body, headers={"X-Reelhook": "1"}, timeout=15)


def fallbacks(service: Service) -> float:
    text = httpx.get(f"{service.base}/metrics", timeout=15).text
    (line,) = (line for line in text.splitlines() if line.startswith("reelhook_rate_limit_fallbacks_total "))
    return float(line.split()[-1])


def test_two_servers_keep_one_limit_and_each_its_own_while_redis_is_away(
    installation: Installation, redis_server: RedisServer
) -> None:
    settings = {"api_rate": RATE, "ingest_rate": 100, "metrics_allow": "127.0.0.0/8"}
    one, two = installation.service(**settings), installation.service(**settings)
    for each in (one, two):
        each.start(arguments=("--no-worker",))
    with one.client() as client:

        def asked(service: Service) -> httpx.Response:
            return client.get(f"{service.base}/api/v1/videos")

        began = time.monotonic()
        answers = [asked(service) for service in (one, two) * BURST]
        allowed = [answer for answer in answers if answer.status_code == 200]
        assert len(allowed) <= BURST + 1 + RATE * (time.monotonic() - began) < len(answers)
        assert [answer.headers["ratelimit"][:9] for answer in allowed[:2]] == ['"api";r=5', '"api";r=4']
        assert fallbacks(one) == fallbacks(two) == 0

        redis_server.stop()
        assert [asked(service).status_code for service in (one, two)] == [200, 200], "each counts for itself"
        assert fallbacks(one) > 0
        assert delivered(one) == delivered(two) == 200
        closed = signing_in(one)
        assert (closed.status_code, closed.json()["code"], closed.headers["retry-after"]) == (
            503,
            "limits_unavailable",
            "1",
        )

        redis_server.start()
        for service in (one, two):
            wait_until(lambda service=service: signing_in(service).status_code == 401, what="signing in works again")
        with redis_server.client() as redis:
            assert redis.keys("*:limit:sign-in-*"), "and is counted for both"
