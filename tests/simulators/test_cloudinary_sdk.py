"""The real SDK against the simulator: uploads whole and in chunks, and everything that can go wrong."""

import asyncio
import hashlib
import time
from typing import Any

import aiohttp
import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import cloudinary.utils
import pytest

from reelhook.simulators.clips import MEDIA, MediaFile

from .scene import CloudinaryApi, HeyGenApi

CHUNK = 6_000_000
CLIP = (MEDIA / "tour.mp4").read_bytes()


def film(size: int) -> bytes:
    return b"".join(MediaFile("tour.mp4", "film", size).blocks())


def sdk_error(name: str) -> type[Exception]:
    error: type[Exception] = getattr(cloudinary.exceptions, name)
    return error


def refusal(answer: Any) -> tuple[int, str]:
    assert len(answer["error"]["request_id"]) == 32
    return answer["error"]["http_code"], answer["error"]["message"]


async def send_chunk(api: CloudinaryApi, whole: bytes, start: int, *, upload_id: str = "u1", **options: Any) -> Any:
    piece = whole[start : start + options.pop("size", CHUNK)]
    headers = {
        "Content-Range": f"bytes {start}-{start + len(piece) - 1}/{len(whole)}", "X-Unique-Upload-Id": upload_id,
    }  # fmt: skip
    options = {"public_id": "heygen/big", "resource_type": "video", "return_error": True, **options}
    return await api.sdk(cloudinary.uploader.upload_large_part, ("v.mp4", piece), http_headers=headers, **options)


async def test_a_video_is_stored_and_described(cloud: CloudinaryApi) -> None:
    answer = await cloud.upload(CLIP, public_id="heygen/one", tags=["a", "b"], context={"k": "v"})
    assert (answer["public_id"], answer["bytes"], answer["etag"]) == (
        "heygen/one", len(CLIP), hashlib.md5(CLIP).hexdigest(),
    )  # fmt: skip
    assert (answer["width"], answer["height"], answer["tags"]) == (640, 360, ["a", "b"])
    assert answer["duration"] == pytest.approx(5.0, abs=0.1)
    signed = f"public_id=heygen/one&version={answer['version']}{cloud.secret}"
    assert answer["signature"] == hashlib.sha1(signed.encode()).hexdigest()
    stored = (await cloud.assets())["heygen/one"]
    assert (stored["bytes"], stored["sha256"]) == (len(CLIP), hashlib.sha256(CLIP).hexdigest())


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
async def test_all_ways_of_signing_are_accepted(cloud: CloudinaryApi, version: int, algorithm: str) -> None:
    options = {"signature_version": version, "signature_algorithm": algorithm, "context": {"a": "1&2"}}
    assert (await cloud.upload(CLIP, **options))["bytes"] == len(CLIP)


async def test_a_bearer_token_will_do(cloud: CloudinaryApi) -> None:
    assert (await cloud.upload(CLIP, oauth_token=cloud.secret))["bytes"] == len(CLIP)


@pytest.mark.parametrize(("secret", "status"), [("right", 200), ("wrong", 401)])
async def test_key_and_secret_as_basic_will_do(cloud: CloudinaryApi, secret: str, status: int) -> None:
    form = aiohttp.FormData({"public_id": "x"})
    form.add_field("file", CLIP, filename="größe.mp4")
    credentials = aiohttp.encode_basic_auth(cloud.key, cloud.secret if secret == "right" else "wrong")
    url, headers = f"{cloud.base}/v1_1/{cloud.cloud}/video/upload", {"Authorization": credentials}
    async with cloud.session.post(url, data=form, headers=headers) as response:
        assert response.status == status


async def test_a_wrong_secret_is_refused_and_told_what_was_signed(cloud: CloudinaryApi) -> None:
    with pytest.raises(sdk_error("AuthorizationRequired"), match=r"String to sign - 'public_id=x&timestamp=\d+'"):
        await cloud.upload(CLIP, public_id="x", api_secret="wrong")
    assert await cloud.assets() == {}


async def test_a_stale_timestamp_is_400(cloud: CloudinaryApi, monkeypatch: pytest.MonkeyPatch) -> None:
    old = int(time.time()) - 3700
    monkeypatch.setattr("cloudinary.utils.now", lambda: str(old))
    answer = await cloud.upload(CLIP, return_error=True)
    assert answer["error"]["http_code"] == 400
    assert answer["error"]["message"].startswith("Stale request - reported time is ")


async def test_overwrite_false_returns_what_is_there(cloud: CloudinaryApi) -> None:
    first = await cloud.upload(CLIP, public_id="x", overwrite=False)
    again = await cloud.upload(film(90_000), public_id="x", overwrite=False)
    assert "existing" not in first
    assert (again["existing"], again["etag"], again["version"]) == (True, first["etag"], first["version"])
    third = await cloud.upload(film(90_000), public_id="x")
    assert (third["overwritten"], third["asset_id"], third["bytes"]) == (True, first["asset_id"], 90_000)
    assert third["version"] > first["version"]
    assert (await cloud.assets())["x"]["times_stored"] == 2


async def test_chunks_become_one_file_and_the_same_chunk_twice_is_no_harm(cloud: CloudinaryApi) -> None:
    whole = film(2 * CHUNK + 1_000)
    first = await send_chunk(cloud, whole, 0)
    assert len(first.pop("request_id")) == 32
    assert first == {
        "done": False, "bytes": CHUNK, "kind": "upload", "resource_type": "video", "public_id": "heygen/big",
    }  # fmt: skip
    assert (await send_chunk(cloud, whole, 0))["bytes"] == CHUNK
    assert (await send_chunk(cloud, whole, CHUNK))["bytes"] == 2 * CHUNK
    last = await send_chunk(cloud, whole, 2 * CHUNK)
    assert (last["bytes"], last["etag"]) == (len(whole), hashlib.md5(whole).hexdigest())
    assert (await send_chunk(cloud, whole, 2 * CHUNK))["version"] == last["version"]


async def test_the_last_chunk_twice_at_once_is_one_file(cloud: CloudinaryApi) -> None:
    whole = film(CHUNK + 1_000)
    await send_chunk(cloud, whole, 0)
    answers = await asyncio.gather(*(send_chunk(cloud, whole, CHUNK) for _ in range(4)))
    assert {answer["etag"] for answer in answers} == {hashlib.md5(whole).hexdigest()}
    assert (await cloud.assets())["heygen/big"]["sha256"] == hashlib.sha256(whole).hexdigest()


async def test_the_sdks_own_upload_large_works(cloud: CloudinaryApi, tmp_path: Any) -> None:
    (tmp_path / "v.mp4").write_bytes(film(13_000_000))
    options = {"resource_type": "video", "chunk_size": CHUNK, "public_id": "large"}
    answer = await cloud.sdk(cloudinary.uploader.upload_large, str(tmp_path / "v.mp4"), **options)
    assert answer["bytes"] == 13_000_000


async def test_chunks_are_refused_when_too_small_out_of_place_or_of_another_total(cloud: CloudinaryApi) -> None:
    whole = film(2 * CHUNK)
    small = await send_chunk(cloud, whole, 0, size=5_000_000)
    assert refusal(small) == (400, "All parts except EOF-chunk must be larger than 5mb")
    early = await send_chunk(cloud, whole, CHUNK, upload_id="u2")
    assert (early["error"]["http_code"], "has not arrived" in early["error"]["message"]) == (400, True)
    await send_chunk(cloud, whole, 0, upload_id="u3")
    other = await send_chunk(cloud, whole + b"x" * CHUNK, CHUNK, upload_id="u3")
    assert "The total was" in other["error"]["message"]
    three = film(3 * CHUNK)
    await send_chunk(cloud, three, 0, upload_id="u4")
    gap = await send_chunk(cloud, three, 2 * CHUNK, upload_id="u4")
    assert "are missing" in gap["error"]["message"]


async def test_the_plans_limit_is_told_at_the_first_chunk(cloud: CloudinaryApi) -> None:
    await cloud.control("PATCH", "/settings", {"video_max_bytes": 10_000_000})
    answer = await send_chunk(cloud, film(2 * CHUNK), 0)
    assert answer["error"]["message"] == "File size too large. Got 12000000. Maximum is 10000000."
    limits = (await cloud.sdk(cloudinary.api.usage))["media_limits"]
    assert limits["video_max_size_bytes"] == 10_000_000


@pytest.mark.parametrize(
    ("kind", "error", "words"),
    [
        ("rate_limited", "RateLimited", "Rate Limit Exceeded"),
        ("server_error", "GeneralError", "General Error"),
        ("unavailable", "GeneralError", "General Error"),
        ("still_processing", "Error", "being processed"),
        ("bad_gateway", "Error", r"Error parsing server response \(502\)"),
        ("drop", "Error", "Unexpected error"),
    ],
)
async def test_a_fault_before_the_work_leaves_nothing(cloud: CloudinaryApi, kind: str, error: str, words: str) -> None:
    await cloud.arm(kind, target="x")
    with pytest.raises(sdk_error(error), match=words):
        await cloud.upload(CLIP, public_id="x")
    assert await cloud.assets() == {}
    assert (await cloud.upload(CLIP, public_id="x"))["bytes"] == len(CLIP)


@pytest.mark.parametrize("kind", ["drop_after", "error_after"])
async def test_a_fault_after_the_work_leaves_the_asset(cloud: CloudinaryApi, kind: str) -> None:
    await cloud.arm(kind)
    with pytest.raises(sdk_error("Error")):
        await cloud.upload(CLIP, public_id="x", overwrite=False)
    assert (await cloud.upload(CLIP, public_id="x", overwrite=False))["existing"] is True


async def test_a_single_chunk_can_be_struck(cloud: CloudinaryApi) -> None:
    whole = film(2 * CHUNK)
    await cloud.arm("server_error", target=f"bytes {CHUNK}-")
    assert "error" not in await send_chunk(cloud, whole, 0)
    assert (await send_chunk(cloud, whole, CHUNK))["error"]["http_code"] == 500
    assert (await send_chunk(cloud, whole, CHUNK))["etag"] == hashlib.md5(whole).hexdigest()


async def test_a_truncated_file_shows_in_bytes_and_etag(cloud: CloudinaryApi) -> None:
    await cloud.arm("truncated", bytes=100)
    answer = await cloud.upload(CLIP, public_id="x")
    assert (answer["bytes"], answer["etag"]) == (len(CLIP) - 100, hashlib.md5(CLIP[:-100]).hexdigest())


async def test_what_is_no_video_is_refused(cloud: CloudinaryApi) -> None:
    answer = await cloud.upload(b"<html>no</html>", return_error=True)
    assert refusal(answer) == (400, "Unsupported video format or file")


async def test_a_url_is_really_fetched(cloud: CloudinaryApi, heygen: HeyGenApi) -> None:
    video_id = await heygen.create()
    url = (await heygen.finished(video_id))["video_url"]
    answer = await cloud.sdk(cloudinary.uploader.upload, url, public_id="fetched", resource_type="video")
    assert answer["etag"] == (await heygen.truth(video_id))["media"]["video"]["md5"]
    refused = await cloud.sdk(cloudinary.uploader.upload, url + "0", resource_type="video", return_error=True)
    assert (refused["error"]["http_code"], refused["error"]["message"][-16:]) == (400, " - 403 Forbidden")
    await heygen.arm("html")
    refused = await cloud.sdk(cloudinary.uploader.upload, url, resource_type="video", return_error=True)
    assert (refused["error"]["http_code"], refused["error"]["message"][-16:]) == (404, " - HTML response")
