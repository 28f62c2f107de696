"""A file host, the simulators, and everything of ours wired to them."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from reelhook.archive import Account, Fetcher, Limits, LocalStore
from reelhook.archive.stores import cloudinary_relay
from reelhook.archive.stores.cloudinary import CloudinaryStore
from reelhook.archive.stores.s3_bucket import Place
from reelhook.db import Database
from reelhook.kit.clock import Clock
from reelhook.kit.http import guarded_session
from reelhook.kit.ids import Ids
from reelhook.kit.targets import Targets
from reelhook.simulators.process import Addresses, SimulatorConfig, running
from tests.archive.cloud import Cloud
from tests.archive.host import Host, running_host
from tests.archive.memory import Memory
from tests.archive.scene import Scene
from tests.conftest import StillClock
from tests.s3 import KEY, KEY_ID, NAME, S3, Front, front, s3_server


class QuickClock(StillClock):
    """Sleeps at once, and remembers for how long."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.move(seconds)


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    async with running_host() as host:
        yield host


@pytest.fixture
async def session(host: Host) -> AsyncIterator[aiohttp.ClientSession]:
    """A guarded session that may reach the host, and nothing else on this machine."""
    async with guarded_session((host.address,)) as session:
        yield session


@pytest.fixture
def fetcher(session: aiohttp.ClientSession, host: Host, clock: Clock) -> Fetcher:
    return Fetcher(session, clock, Limits(total_s=600, most_bytes=50_000_000, stall_s=5), Targets((host.address,)))


@pytest.fixture
def local(tmp_path: Path) -> Any:
    store = LocalStore(tmp_path / "media")
    yield store
    store.close()


@pytest.fixture(scope="session")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3(rclone: S3, request: pytest.FixtureRequest) -> S3:
    """The one that runs, where each test has a prefix of its own."""
    return replace(rclone, prefix=f"kept/{re.sub('[^A-Za-z0-9]+', '-', request.node.nodeid)}-")


@pytest.fixture
async def s3_front(s3: S3) -> AsyncIterator[Front]:
    async with front(s3.url) as made:
        yield made


@pytest.fixture
def place(s3_front: Front, s3: S3) -> Place:
    return Place(NAME, s3.prefix, endpoint=s3_front.url, region="eu-central-1", key_id=KEY_ID, key=KEY)


@pytest.fixture
async def addresses() -> AsyncIterator[Addresses]:
    async with running(SimulatorConfig(seconds_per_render=0.05)) as addresses:
        yield addresses


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def scene(db: Database, clock: QuickClock, ids: Ids, host: Host, fetcher: Fetcher, local: LocalStore) -> Scene:
    return Scene(db, clock, ids, host, fetcher, {"local": local})


@pytest.fixture
async def cloud(addresses: Addresses) -> AsyncIterator[Cloud]:
    async with aiohttp.ClientSession() as session:
        yield Cloud(addresses.cloudinary, session)


@pytest.fixture
def account(addresses: Addresses) -> Account:
    return Account.parse(addresses.cloudinary_url)


@pytest.fixture
def parts_begin_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is true of parts is shown with films that are quick to make."""
    monkeypatch.setattr(cloudinary_relay, "ONE_REQUEST", cloudinary_relay.PART)


@pytest.fixture
def store(account: Account, clock: QuickClock) -> Iterator[CloudinaryStore]:
    store = CloudinaryStore(account, clock)
    yield store
    store.close()
