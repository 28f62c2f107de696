"""What goes wrong with a bucket, in our words: by a server that errs, and by one that checks signatures."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web

from reelhook.archive.errors import StoreDown, StoreRefused, StoreUnauthorized, StoreUnavailable
from reelhook.archive.stores.s3 import S3Store
from reelhook.archive.stores.s3_bucket import Place
from reelhook.errors import Blame, NotFound
from tests.s3 import Front, front

SECRET = "not-to-be-told"
XML = "<?xml version='1.0'?><Error><Code>{}</Code><Message>{}</Message><RequestId>0</RequestId></Error>"
NAME = "bb/0193f000-0000-7000-8000-0000000000bb.mp4"


@pytest.fixture
async def service() -> AsyncIterator[Front]:
    async with front("http://127.0.0.1:1") as made:
        yield made


@pytest.fixture
def place(service: Front) -> Place:
    return Place("films", endpoint=service.url, key_id="AKID", key=SECRET)


@pytest.mark.parametrize(
    ("status", "code", "message", "kind", "words"),
    [
        (
            403,
            "AccessDenied",
            "Access Denied",
            StoreUnauthorized,
            "not open to our key: 403 AccessDenied Access Denied",
        ),
        (401, "InvalidToken", "Old", StoreUnauthorized, "not open to our key: 401 InvalidToken Old"),
        (403, "SignatureDoesNotMatch", "Check", StoreUnauthorized, "403 SignatureDoesNotMatch Check"),
        (404, "NoSuchBucket", "No", StoreUnauthorized, "there is no bucket films: create it, or mend REELHOOK_STORES"),
        (503, "SlowDown", "Reduce your rate", StoreDown, "takes nothing now: 503 SlowDown Reduce your rate"),
        (429, "TooManyRequests", "Wait", StoreDown, "takes nothing now: 429"),
        (500, "InternalError", "Oh", StoreUnavailable, "is in trouble: 500 InternalError Oh"),
        (400, "InvalidArgument", "Bad", StoreRefused, "refused the file: 400 InvalidArgument Bad"),
        (418, "", "", StoreRefused, "refused the file: 418"),
    ],
)
async def test_what_the_service_says(
    place: Place, service: Front, status: int, code: str, message: str, kind: type[Exception], words: str
) -> None:
    service.err = lambda _: web.Response(status=status, text=XML.format(code, message) if code else "")
    with pytest.raises(kind, match=words) as caught:
        await S3Store(place).check()
    assert type(caught.value) is kind
    assert "http://" not in str(caught.value)


async def test_an_object_that_is_not_there(place: Place, service: Front) -> None:
    service.err = lambda _: web.Response(status=404, text=XML.format("NoSuchKey", "No such key"))
    with pytest.raises(NotFound, match="it is not in the bucket films"):
        await S3Store(place).read(NAME)


async def test_an_upload_that_is_forgotten_is_tried_again(place: Place, service: Front) -> None:
    service.err = lambda _: web.Response(status=404, text=XML.format("NoSuchUpload", "No such upload"))
    with pytest.raises(StoreUnavailable, match="the upload was forgotten"):
        await S3Store(place).check()


async def test_a_service_that_is_away_keeps_work_waiting() -> None:
    away = Place("films", endpoint="http://127.0.0.1:1", key_id="AKID", key=SECRET)
    with pytest.raises(StoreDown, match="the service with the bucket films was not reached") as caught:
        await S3Store(away).check()
    assert caught.value.blame is Blame.DESTINATION


async def test_a_line_that_dies_is_no_answer(place: Place, service: Front) -> None:
    def die(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    service.err = die
    with pytest.raises(StoreUnavailable, match="did not answer in time, or not to the end"):
        await S3Store(place).check()


async def test_the_secret_is_in_no_message_of_ours_or_the_library(place: Place, service: Front) -> None:
    service.err = lambda _: web.Response(status=403, text=XML.format("AccessDenied", "Access Denied"))
    with pytest.raises(StoreUnauthorized) as caught:
        await S3Store(place).check()
    error: BaseException | None = caught.value
    while error is not None:
        assert SECRET not in str(error)
        error = error.__cause__
    assert SECRET not in repr(place)


async def test_without_any_key_it_says_which_settings_to_make(
    place: Place, service: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine's role would be asked for at an address that only machines of Amazon's have."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(StoreUnauthorized, match="set REELHOOK_S3_ACCESS_KEY_ID"):
        await S3Store(replace(place, key_id=None, key=None)).check()
    assert service.seen == []


async def test_what_awss_own_variables_say_is_taken(
    place: Place, service: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDOFTHEENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    asked: list[str] = []

    def refuse(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers["authorization"])
        return web.Response(status=403)

    service.err = refuse
    with pytest.raises(StoreUnauthorized):
        await S3Store(replace(place, key_id=None, key=None)).check()
    assert "AKIDOFTHEENVIRONMENT/" in asked[0]
    assert "/eu-north-1/s3/" in asked[0]
