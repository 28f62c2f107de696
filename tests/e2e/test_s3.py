"""Videos that are kept in a bucket, as a builder, an operator and a viewer meet them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.e2e.trouble import REQUEST, Json, becomes
from tests.processes import Service, Simulators, wait_until
from tests.s3 import KEY, S3, Front, front_in_thread, s3_server

LENGTH = 20_000_000  # more than two parts
ASKED = REQUEST | {"heygen": REQUEST["heygen"] | {"caption": True}}


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[S3]:
    with s3_server(tmp_path / "s3") as running:
        yield running


@pytest.fixture
def front(s3: S3) -> Iterator[Front]:
    with front_in_thread(s3.url) as made:
        yield made


@pytest.fixture
def kept_there(service: Service, outside: Simulators, s3: S3, front: Front) -> Service:
    outside.control("POST", "/reset")
    service.settings |= outside.settings() | s3.settings() | {"s3_endpoint": front.url}
    return service.introduce(outside)


def files(s3: S3) -> list[Path]:
    return [path for path in s3.kept.rglob("*") if path.is_file()]


def ask(client: httpx.Client, outside: Simulators, length: int) -> Json:
    outside.control("POST", "/plans", {"plans": [{"bytes": length}]})
    made: Json = client.post("/api/v1/videos", json=ASKED).raise_for_status().json()
    return made


def test_a_video_is_kept_in_the_bucket_played_from_there_and_deleted(
    kept_there: Service, outside: Simulators, s3: S3
) -> None:
    with kept_there.client() as client:
        video = becomes(client, ask(client, outside, LENGTH)["id"], "ready")
        asset = video["asset"]
        assert (asset["store"], asset["bytes"]) == ("s3", LENGTH)
        wait_until(lambda: len(files(s3)) >= 3, what="poster and captions are there as well")
        film = max(files(s3), key=lambda path: path.stat().st_size).read_bytes()

        whole = client.get(asset["url"])
        assert (whole.status_code, whole.content) == (200, film)
        assert whole.headers["content-type"] == "video/mp4"
        part = client.get(asset["url"], headers={"Range": "bytes=1000000-1999999"})
        assert (part.status_code, part.content) == (206, film[1_000_000:2_000_000])
        assert httpx.get(kept_there.base + asset["url"]).status_code == 401, "the bucket is open to nobody"
        link = client.post(f"/api/v1/videos/{video['id']}/links", json={"download": True}).json()["url"]
        saved = httpx.get(kept_there.base + link, headers={"Range": "bytes=0-9"})
        assert (saved.status_code, saved.content) == (206, film[:10])
        assert 'filename="Hello.mp4"' in saved.headers["content-disposition"]

        assert client.delete(f"/api/v1/videos/{video['id']}", params={"confirm": video["id"]}).status_code == 204
        wait_until(lambda: not files(s3), what="its files are gone")
    assert KEY not in kept_there.log


def test_a_bucket_that_is_away_is_waited_for(kept_there: Service, outside: Simulators, s3: S3, front: Front) -> None:
    s3.stop()
    with kept_there.client("admin") as admin:
        video_id = ask(admin, outside, 1_000_000)["id"]

        def timeline() -> list[str]:
            return [one["message"] for one in admin.get(f"/api/v1/videos/{video_id}/timeline").json()["data"]]

        wait_until(lambda: any("waiting for s3" in line for line in timeline()), what="it waits")
        trouble = admin.post("/api/v1/stores/s3/check").json()["trouble"]
        assert trouble is not None
        assert admin.get("/api/v1/jobs", params={"state": "dead"}).json()["data"] == []
        s3.start()
        becomes(admin, video_id, "ready")
        assert admin.post("/api/v1/stores/s3/check").json() == {"trouble": None}
        (shown,) = admin.get("/api/v1/stores").json()["data"]
        assert (shown["name"], shown["files"], shown["trouble"]) == ("s3", len(files(s3)), None)


def test_what_is_missing_in_the_bucket_is_found_and_fetched_again(
    kept_there: Service, outside: Simulators, s3: S3
) -> None:
    with kept_there.client("admin") as admin:
        video_id = ask(admin, outside, 1_000_000)["id"]
        asset = becomes(admin, video_id, "ready")["asset"]
        wait_until(lambda: len(files(s3)) >= 3, what="all its files are there")
        film = max(files(s3), key=lambda path: path.stat().st_size)
        s3.delete(film)
        with closing(sqlite3.connect(kept_there.folder / "reelhook.db")) as rows, rows:
            rows.execute("UPDATE assets SET stored_at = stored_at - 7200000000")  # what is new may be unlisted
        done = kept_there.command("reconcile", "--kind", "stores", "--mend")
        assert done.returncode == 0, done.stderr
        wait_until(film.exists, what="it is there again")
        becomes(admin, video_id, "ready")
        assert len(admin.get(asset["url"]).content) == 1_000_000


def test_doctor_tries_the_bucket_and_says_what_is_wrong(service: Service, s3: S3) -> None:
    service.settings |= s3.settings()
    well = service.command("doctor")
    assert "store s3" in well.stdout, well.stdout + well.stderr
    service.settings["s3_secret_access_key"] = "another"
    refused = service.command("doctor")
    assert "not open to our key: 403 SignatureDoesNotMatch" in refused.stdout
    service.settings |= {"stores": "s3://nobodys", "s3_secret_access_key": KEY}
    assert "there is no bucket nobodys" in service.command("doctor").stdout
