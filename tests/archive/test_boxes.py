"""Films that are cut off are noticed, however they stream by; films that are whole are not suspected."""

import pytest

from reelhook.archive import Fetcher
from reelhook.archive.boxes import Boxes
from reelhook.archive.errors import CutOff
from tests.archive.host import Host, film, whole


def box(name: bytes, body: bytes = b"", *, length: int | None = None) -> bytes:
    return (length if length is not None else 8 + len(body)).to_bytes(4, "big") + name + body


def long_box(name: bytes, body: bytes) -> bytes:
    return box(name, (16 + len(body)).to_bytes(8, "big") + body, length=1)


def read(file: bytes, size: int = 7) -> Boxes:
    boxes = Boxes()
    for at in range(0, len(file), size):
        boxes.feed(file[at : at + size])
    return boxes


WHOLE = box(b"ftyp", b"isom") + box(b"moov", b"x" * 30) + box(b"mdat", b"y" * 50)


@pytest.mark.parametrize("size", [1, 7, 8, 9, 1000])
@pytest.mark.parametrize(
    "file",
    [
        WHOLE,
        box(b"ftyp", b"isom") + long_box(b"mdat", b"y" * 50) + box(b"moov"),
        box(b"ftyp", b"isom") + box(b"moov") + box(b"mdat", b"to the end", length=0),
        WHOLE + b"\0" * 20,
        WHOLE + b"\xff\xff\xff\xff\x00\x01\x02\x03 some tool was here",
        WHOLE + b"end",
    ],
)
def test_a_whole_film(file: bytes, size: int) -> None:
    boxes = read(file, size)
    assert (boxes.missing, boxes.has_film) == (0, True)


@pytest.mark.parametrize("size", [1, 8, 1000])
def test_a_film_that_is_cut_off(size: int) -> None:
    assert read(WHOLE[:-1], size).missing == 1
    assert read(long_box(b"mdat", b"y" * 50)[:-20], size).missing == 20


def test_a_film_without_its_table_of_contents() -> None:
    cut_between_two = read(box(b"ftyp", b"isom") + box(b"mdat", b"y" * 50))
    assert (cut_between_two.missing, cut_between_two.has_film) == (0, False)


@pytest.mark.parametrize("missing", [1, 100, 5_000, 100_000])
def test_the_simulators_films(missing: int) -> None:
    whole = film(500_000)
    assert (read(whole, 65_536).missing, read(whole, 65_536).has_film) == (0, True)
    assert read(whole[:-missing], 65_536).missing > 0


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (film(500_000)[:-100], "the film has at least 100 bytes more than were served"),
        (box(b"ftyp", b"isom") + box(b"free", b"x" * 600), "there is no film in it"),
    ],
)
async def test_a_download_that_ends_too_early_by_its_own_boxes_is_tried_again(
    fetcher: Fetcher, host: Host, file: bytes, words: str
) -> None:
    with pytest.raises(CutOff, match=words) as caught:
        async with fetcher.open(host.put("/a.mp4", whole(file)), "video") as download:
            assert b"".join([piece async for piece in download.chunks]) == file
    assert (caught.value.retryable, "SECRET" in caught.value.message) == (True, False)
