"""`/api/v1/heygen`: what new videos can be made of, over HTTP, with a HeyGen that answers what a test tells it to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import pytest

from reelhook.api import create_api
from reelhook.heygen import Gathered, HeyGenUnauthorized, ListedVideo, Look, VideoList, Voice
from reelhook.videos.account import KEPT_S, Account
from reelhook.videos.account_endpoints import router
from tests.videos.scene import OPERATOR, Scene, viewer
from tests.videos.test_endpoints import Caller

VOICES = (
    Voice("v1", "Aria", "English", "female", own=False),
    Voice("v2", "Bruno", "German", "male", own=False),
    Voice("v3", "Mine", "English", None, own=True),
    Voice("v4", "Nameless", None, None, own=False),
)


def look(number: int) -> Look:
    return Look(f"look-{number}", f"Anna {number}", "digital_twin", "completed", "female", None, "g", None)


@dataclass
class FakeAccount:
    """What HeyGen's client offers here, and how often it was asked."""

    asked: list[Any] = field(default_factory=list)
    refuses: bool = False

    async def looks(self, ownership: str) -> Gathered[Look]:
        self.asked.append(ownership)
        if self.refuses:
            raise HeyGenUnauthorized("HeyGen does not accept the API key to list its avatars.")
        return Gathered(tuple(look(number) for number in range(3)), complete=False)

    async def voices(self) -> Gathered[Voice]:
        self.asked.append("voices")
        return Gathered(VOICES, complete=True)

    async def list_videos(self, token: str | None, *, title: str | None, limit: int) -> VideoList:
        self.asked.append((token, title, limit))
        rows = (ListedVideo("hg-1", "One", "completed", None, 9.5), ListedVideo("hg-2", None, "waiting", None, None))
        return VideoList(rows, "more")


@pytest.fixture
def heygen() -> FakeAccount:
    return FakeAccount()


def client(scene: Scene, heygen: Any, principal: Any = OPERATOR) -> httpx2.AsyncClient:
    account = Account(scene.db, heygen, scene.clock)
    caller = Caller(create_api(router(account, "https://api.heygen.com", ("local", "cloudinary"))))
    caller.principal = principal
    transport = httpx2.ASGITransport(app=caller, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://us/api/v1")


@pytest.fixture
async def http(scene: Scene, heygen: FakeAccount) -> AsyncIterator[httpx2.AsyncClient]:
    async with client(scene, heygen) as http:
        yield http


async def test_avatars_are_searched_cut_and_asked_for_once(
    http: httpx2.AsyncClient, heygen: FakeAccount, scene: Scene
) -> None:
    first = (await http.get("/heygen/avatars", params={"limit": 2})).json()
    assert [one["id"] for one in first["data"]] == ["look-0", "look-1"]
    assert (first["matches"], first["complete"]) == (3, False)
    assert (await http.get("/heygen/avatars", params={"q": "ANNA 2"})).json()["matches"] == 1
    assert (await http.get("/heygen/avatars", params={"q": "look-1"})).json()["matches"] == 1
    assert heygen.asked == ["private"]
    await http.get("/heygen/avatars", params={"ownership": "public"})
    await http.get("/heygen/avatars", params={"refresh": True})
    assert heygen.asked == ["private", "public", "private"]
    scene.clock.move(KEPT_S + 1)
    await http.get("/heygen/avatars")
    assert len(heygen.asked) == 4


async def test_voices_are_narrowed_and_the_accounts_own_come_first(
    http: httpx2.AsyncClient, heygen: FakeAccount
) -> None:
    every = (await http.get("/heygen/voices")).json()
    assert [one["id"] for one in every["data"]] == ["v3", "v1", "v2", "v4"]
    assert every["languages"] == ["English", "German"]
    for params, ids in (
        ({"language": "english"}, ["v3", "v1"]),
        ({"language": "English", "gender": "female"}, ["v1"]),
        ({"own": True}, ["v3"]),
        ({"own": False, "q": "bru"}, ["v2"]),
    ):
        assert [one["id"] for one in (await http.get("/heygen/voices", params=params)).json()["data"]] == ids
    assert heygen.asked == ["voices"]
    await http.get("/heygen/voices", params={"refresh": True})
    assert heygen.asked == ["voices", "voices"]


async def test_earlier_videos_say_which_of_them_are_here(
    http: httpx2.AsyncClient, heygen: FakeAccount, scene: Scene
) -> None:
    ours, _ = scene.new(heygen_video_id="hg-1", subject="ada")
    listed = (await http.get("/heygen/videos", params={"cursor": "t", "title": "O", "limit": 7})).json()
    assert [(one["heygen_video_id"], one["video_id"]) for one in listed["data"]] == [("hg-1", ours), ("hg-2", None)]
    assert listed["next_cursor"] == "more"
    assert heygen.asked == [("t", "O", 7)]


async def test_a_video_that_the_caller_may_not_see_is_not_named(scene: Scene, heygen: FakeAccount) -> None:
    scene.new(heygen_video_id="hg-1", subject="ada")
    writer = replace(viewer("bob"), scopes=frozenset({"videos:write"}))
    async with client(scene, heygen, writer) as http:
        assert (await http.get("/heygen/videos")).json()["data"][0]["video_id"] is None


async def test_a_viewer_may_not_look_into_the_account(scene: Scene, heygen: FakeAccount) -> None:
    async with client(scene, heygen, viewer("ada")) as http:
        for path in ("", "/avatars", "/voices", "/videos"):
            assert (await http.get(f"/heygen{path}")).status_code == 403
    assert heygen.asked == []


async def test_without_a_key_that_is_said_and_the_stores_all_the_same(scene: Scene) -> None:
    async with client(scene, None) as http:
        told = (await http.get("/heygen")).json()
        assert told == {"can_ask": False, "base_url": "https://api.heygen.com", "stores": ["local", "cloudinary"]}
        for path in ("/avatars", "/voices", "/videos"):
            answer = await http.get(f"/heygen{path}")
            assert (answer.status_code, answer.json()["code"]) == (409, "no_api_key")


async def test_what_heygen_refuses_is_told_and_not_kept(http: httpx2.AsyncClient, heygen: FakeAccount) -> None:
    heygen.refuses = True
    answer = await http.get("/heygen/avatars")
    assert (answer.status_code, answer.json()["code"]) == (502, "heygen_unauthorized")
    heygen.refuses = False
    assert (await http.get("/heygen/avatars")).status_code == 200


async def test_closing_ends_what_is_being_looked_up(scene: Scene, heygen: FakeAccount) -> None:
    account = Account(scene.db, heygen, scene.clock)  # type: ignore[arg-type]
    assert account.can_ask
    await account.voices(refresh=False)
    await account.close()
