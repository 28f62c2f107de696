"""`reelhook doctor` on Postgres and Redis."""

import json
from typing import Any

import pytest

from reelhook.cli import server_findings
from reelhook.cli.server_findings import Concern
from reelhook.cli.server_findings import postgres as examine
from reelhook.cli.server_findings import redis as examine_redis
from reelhook.errors import Unavailable, WrongSetting
from reelhook.settings import Settings
from tests.processes import clean_environment, run_command
from tests.redis_server import RedisServer, redis_server
from tests.servers import Postgres, postgres

__all__ = ["postgres", "redis_server"]


@pytest.fixture
def config(postgres: Postgres) -> Settings:
    return Settings(database_url=postgres.create("prepared"))


@pytest.fixture
def durable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of these tests does not wait for a disk."""
    monkeypatch.setattr(server_findings, "DURABLE", ("full_page_writes", "synchronous_commit"))


async def test_a_server_that_may_lose_what_it_committed_is_refused(config: Settings) -> None:
    with pytest.raises(
        WrongSetting, match=r"^fsync is off, so that Postgres may lose in a crash what it has committed"
    ):
        await examine(config)


@pytest.mark.usefixtures("durable")
async def test_so_is_a_role_or_database_that_does_not_wait_for_its_commits(
    config: Settings, postgres: Postgres
) -> None:
    name = config.database_url.rpartition("/")[2]
    postgres.run(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with pytest.raises(
        WrongSetting, match=r"synchronous_commit is off.*RESET synchronous_commit.*its own transactions"
    ):
        await examine(config)


@pytest.mark.usefixtures("durable")
async def test_a_good_one_is_told_with_its_version(config: Settings) -> None:
    found = await examine(config)
    assert found.startswith("18.")
    assert found.endswith("60 connections; each process takes up to 8")
    assert not isinstance(found, Concern)


@pytest.mark.usefixtures("durable")
async def test_old_and_untested_versions_are_told_apart(config: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_findings, "TESTED_POSTGRES", (15, 17))
    assert (await examine(config)).endswith("Tested are 15 and 17")
    monkeypatch.setattr(server_findings, "NEWEST_POSTGRES", 17)
    old = await examine(config)
    assert isinstance(old, Concern)
    assert "Version 18 is not supported" in old


async def test_redis_is_told_with_its_version_and_complained_of_when_it_forgets(redis_server: RedisServer) -> None:
    found = await examine_redis(redis_server.url)
    assert found.startswith(("Valkey ", "Redis "))
    assert not isinstance(found, Concern)
    with redis_server.client() as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
    forgetful = await examine_redis(redis_server.url)
    assert isinstance(forgetful, Concern)
    assert "maxmemory-policy allkeys-lru" in forgetful
    redis_server.stop()
    with pytest.raises(Unavailable, match=r"not reached: .* Nothing is lost"):
        await examine_redis(redis_server.url)


@pytest.mark.parametrize(
    ("info", "fine"),
    [
        ({"redis_version": "6.0.16"}, False),
        ({"redis_version": "6.2.0"}, True),
        ({"redis_version": "7.2.4", "valkey_version": "9.1.2"}, True),
        ({"redis_version": "255.255.255"}, True),
    ],
)
def test_redis_before_6_2_is_too_old(info: dict[str, Any], fine: bool) -> None:
    if fine:
        assert not isinstance(server_findings._judged(info), Concern)
    else:
        with pytest.raises(WrongSetting, match=r"Redis 6.0.16 is too old: 6.2 or newer"):
            server_findings._judged(info)


async def test_without_its_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "reelhook.kit.redis", None)
    with pytest.raises(WrongSetting, match=r"pip install 'reelhook\[redis\]'"):
        await examine_redis("redis://127.0.0.1:1/0")


def test_doctor_examines_both(config: Settings, redis_server: RedisServer) -> None:
    own = {"database_url": config.database_url, "redis_url": redis_server.url, "secret_key": "k" * 40}
    done = run_command("doctor", "--json", environment=clean_environment(**own, heygen_base_url="http://127.0.0.1:1"))
    told = {one["name"]: one for one in json.loads(done.stdout)["checks"]}
    assert told["database"]["ok"]
    assert told["postgres"]["found"].startswith("fsync is off")
    assert (told["redis"]["ok"], told["redis"]["warning"]) == (True, False)
