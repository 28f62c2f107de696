"""Media over HTTP: ranges, conditions, names, and who may see what."""

import re
from dataclasses import replace
from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy import update

from reelhook.archive import MediaEndpoint
from reelhook.archive.endpoints import file_name
from reelhook.archive.stores.s3 import S3Store
from reelhook.archive.stores.s3_bucket import Place
from reelhook.auth.principal import Principal, local_admin, of_key
from reelhook.db.tables import assets, videos
from reelhook.jobs.kinds import ArchiveAsset
from tests.archive.host import Host, film, sha256, whole
from tests.archive.scene import Scene

DATA = film(300_000)
ETAG = f'"{sha256(DATA)}"'
OWNER = of_key("ann", "ann", "viewer", None)
STRANGER = of_key("bob", "bob", "viewer", None)


@pytest.fixture(params=["local", "s3"])
async def stored(request: pytest.FixtureRequest, scene: Scene, host: Host, place: Place) -> ArchiveAsset:
    """A film in one of the stores whose files we hand out, which must make no difference."""
    scene.stores = {**scene.stores, "s3": S3Store(place)}
    work = await scene.video(host.put("/a.mp4", whole(DATA)), store=request.param)
    await scene.settle(scene.handler(asks=False), work)
    return work


class Client:
    """Asks the endpoint as somebody."""

    def __init__(self, endpoint: MediaEndpoint) -> None:
        self.endpoint = endpoint

    async def get(
        self, path: str, who: Principal | None = OWNER, method: str = "GET", **headers: str
    ) -> httpx.Response:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await self.endpoint({**scope, "state": {"principal": who}}, receive, send)

        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://h") as client:
            return await client.request(method, path, headers=named)


@pytest.fixture
def client(scene: Scene, stored: ArchiveAsset) -> Client:
    return Client(MediaEndpoint(scene.db, scene.clock, scene.stores))


async def test_a_stored_file_is_served_with_all_its_headers(client: Client, stored: ArchiveAsset) -> None:
    answer = await client.get(f"/media/{stored.asset_id}")
    assert answer.status_code == 200
    assert answer.content == DATA
    headers = answer.headers
    assert headers["content-type"] == "video/mp4"
    assert headers["content-length"] == str(len(DATA))
    assert headers["etag"] == ETAG
    assert headers["accept-ranges"] == "bytes"
    assert headers["cache-control"] == "private, max-age=31536000, immutable"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"] == "inline"


async def test_head_tells_the_same_without_the_file(client: Client, stored: ArchiveAsset) -> None:
    answer = await client.get(f"/media/{stored.asset_id}", method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(DATA))
    missing = await client.get("/media/none", method="HEAD")
    assert (missing.status_code, missing.content) == (404, b"")


@pytest.mark.parametrize(
    ("given", "start", "stop"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, len(DATA)),
        ("bytes=-100", len(DATA) - 100, len(DATA)),
        ("bytes=-999999999", 0, len(DATA)),
        ("bytes=7-999999999", 7, len(DATA)),
        ("bytes=5-5", 5, 6),
        ("Bytes=0-1", 0, 2),
    ],
)
async def test_a_range_is_served(client: Client, stored: ArchiveAsset, given: str, start: int, stop: int) -> None:
    answer = await client.get(f"/media/{stored.asset_id}", Range=given)
    assert answer.status_code == 206
    assert answer.content == DATA[start:stop]
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(DATA)}"
    assert answer.headers["content-length"] == str(stop - start)
    head = await client.get(f"/media/{stored.asset_id}", method="HEAD", Range=given)
    assert (head.status_code, head.content) == (206, b"")


@pytest.mark.parametrize(
    "given", ["bytes=0-1,4-5", "bytes=9-5", "bytes=", "bytes=-", "bytes=a-b", "items=0-1", "0-1", "bytes=0-1;x"]
)
async def test_a_range_that_is_not_one_range_is_ignored(client: Client, stored: ArchiveAsset, given: str) -> None:
    answer = await client.get(f"/media/{stored.asset_id}", Range=given)
    assert (answer.status_code, answer.content) == (200, DATA)


@pytest.mark.parametrize("given", [f"bytes={len(DATA)}-", "bytes=999999999-", "bytes=-0"])
async def test_a_range_outside_is_416(client: Client, stored: ArchiveAsset, given: str) -> None:
    answer = await client.get(f"/media/{stored.asset_id}", Range=given)
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"


async def test_if_range_keeps_the_range_only_for_the_same_file(client: Client, stored: ArchiveAsset) -> None:
    same = await client.get(f"/media/{stored.asset_id}", Range="bytes=0-1", If_Range=ETAG)
    other = await client.get(f"/media/{stored.asset_id}", Range="bytes=0-1", If_Range='"other"')
    assert (same.status_code, other.status_code) == (206, 200)


@pytest.mark.parametrize("given", [ETAG, f"W/{ETAG}", f'"x", {ETAG}', "*"])
async def test_a_file_the_browser_has_is_not_sent_again(client: Client, stored: ArchiveAsset, given: str) -> None:
    answer = await client.get(f"/media/{stored.asset_id}", If_None_Match=given)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == ETAG


async def test_another_file_than_the_browser_has_is_sent(client: Client, stored: ArchiveAsset) -> None:
    answer = await client.get(f"/media/{stored.asset_id}", If_None_Match='"other"')
    assert answer.status_code == 200


async def test_a_download_is_named_after_the_title(client: Client, scene: Scene, stored: ArchiveAsset) -> None:
    change = update(videos).values(title='Grüße: "Q3"/../\u202eexe.mp4')
    await scene.db.write(lambda tx: tx.execute(change))
    answer = await client.get(f"/media/{stored.asset_id}?download=1")
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"Gr__e Q3 .. exe.mp4.mp4\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20Q3%20..%20exe.mp4.mp4"
    )
    assert answer.content == DATA


@pytest.mark.parametrize(
    ("title", "role", "kind", "name"),
    [
        ("Tour", "video", "video/mp4", "Tour.mp4"),
        ("Tour", "poster", "image/jpeg", "Tour (poster).jpg"),
        (None, "video", "video/webm", "video.webm"),
        (" .. ", "video", "video/mp4", "video.mp4"),
        ("a\r\nSet-Cookie: x", "video", "video/mp4", "aSet-Cookie x.mp4"),
        ("x" * 300, "video", "video/mp4", "x" * 120 + ".mp4"),
        ("../../etc/passwd", "captions", "text/vtt", "etc passwd (captions).vtt"),
    ],
)
def test_file_names_are_safe(title: str | None, role: str, kind: str, name: str) -> None:
    assert file_name(title, role, kind) == name


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_media_can_only_be_read(client: Client, stored: ArchiveAsset, method: str) -> None:
    answer = await client.get(f"/media/{stored.asset_id}", method=method)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_a_stranger_finds_nothing(client: Client, stored: ArchiveAsset) -> None:
    answer = await client.get(f"/media/{stored.asset_id}", STRANGER)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    missing = await client.get("/media/0193f000-0000-7000-8000-000000000000", STRANGER)
    assert answer.json() == missing.json() | {"detail": answer.json()["detail"]}


async def test_who_sees_all_sees_it(client: Client, stored: ArchiveAsset) -> None:
    assert (await client.get(f"/media/{stored.asset_id}", local_admin())).status_code == 200


async def test_nobody_is_nobody(client: Client, stored: ArchiveAsset) -> None:
    assert (await client.get(f"/media/{stored.asset_id}", None)).status_code == 401


@pytest.mark.parametrize("values", [{"state": "pending"}, {"store": "cloudinary"}, {"location": None}])
async def test_what_we_do_not_hand_out_is_not_served(
    client: Client, scene: Scene, stored: ArchiveAsset, values: dict[str, Any]
) -> None:
    await scene.db.write(lambda tx: tx.execute(update(assets).values(**values)))
    assert (await client.get(f"/media/{stored.asset_id}")).status_code == 404


async def test_a_file_that_vanished_is_404(client: Client, scene: Scene, stored: ArchiveAsset) -> None:
    for store in scene.stores.values():
        await store.delete(f"{stored.asset_id[-2:]}/{stored.asset_id}.mp4")
    answer = await client.get(f"/media/{stored.asset_id}")
    assert answer.status_code == 404
    assert re.search("not on the disk|not in the bucket", answer.json()["detail"])


async def test_a_bucket_that_is_away_is_said(client: Client, scene: Scene, place: Place, stored: ArchiveAsset) -> None:
    away = S3Store(replace(place, endpoint="http://127.0.0.1:1"))
    client = Client(MediaEndpoint(scene.db, scene.clock, {"local": away, "s3": away}))
    answer = await client.get(f"/media/{stored.asset_id}")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")


async def test_a_service_without_that_store_serves_none(scene: Scene, stored: ArchiveAsset) -> None:
    client = Client(MediaEndpoint(scene.db, scene.clock, {}))
    assert (await client.get(f"/media/{stored.asset_id}")).status_code == 404


SUBTITLES = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"


async def test_captions_come_as_browsers_read_them_when_that_is_asked_for(
    client: Client, scene: Scene, host: Host, stored: ArchiveAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = await scene.another(stored, "captions", host.put("/c.srt", whole(SUBTITLES)))
    await scene.settle(scene.handler(asks=False), work)
    plain, asked = f"/media/{work.asset_id}", f"/media/{work.asset_id}?as=vtt"
    assert (await client.get(plain)).content == SUBTITLES
    answer = await client.get(asked)
    assert answer.headers["content-type"] == "text/vtt; charset=utf-8"
    assert answer.text == "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nHello\n"
    assert answer.headers["etag"] != (await client.get(plain)).headers["etag"]
    assert (await client.get(asked, if_none_match=answer.headers["etag"])).status_code == 304
    head = await client.get(asked, method="HEAD")
    assert (head.content, head.headers["content-length"]) == (b"", str(len(answer.content)))
    assert (await client.get(f"/media/{stored.asset_id}?as=vtt")).headers["content-type"] == "video/mp4"
    assert (await client.get(asked, STRANGER)).status_code == 404
    monkeypatch.setattr("reelhook.archive.captions.MOST_BYTES", 10)
    assert (await client.get(asked)).status_code == 404
