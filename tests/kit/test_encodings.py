"""Which encoding a client gets, and that every one of them can be undone."""

import gzip
from collections.abc import Callable, Mapping

import brotli
import pytest
import zstandard

from reelhook.kit.encodings import QUICK, SMALL, SMALLEST, chosen, worth_it

UNDO: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": lambda content: zstandard.ZstdDecompressor().decompress(content),
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}
CONTENT = b'{"title": "A film", "state": "ready"}' * 100


@pytest.mark.parametrize("name", ["zstd", "br", "gzip"])
@pytest.mark.parametrize("ours", [QUICK, SMALL])
def test_what_is_compressed_is_smaller_always_the_same_and_can_be_undone(
    ours: Mapping[str, Callable[[bytes], bytes]], name: str
) -> None:
    compressed = ours[name](CONTENT)
    assert len(compressed) < len(CONTENT) / 10
    assert compressed == ours[name](CONTENT)
    assert UNDO[name](compressed) == CONTENT


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("zstd;q=0, *", "br"),
        ("zstd;q=0.0,br;q=0,*;q=0.1", "gzip"),
        ("gzip ; q=1.000", "gzip"),
        ("*", "zstd"),
        ("identity;q=0, gzip;q=0.2", "gzip"),
        ("identity, gzip;q=1", "gzip"),
        # As it is:
        ("", None),
        ("deflate, compress", None),
        ("gzip;q=0", None),
        ("*;q=0", None),
        ("identity;q=1, gzip;q=0.5", None),
        ("identity;q=0", None),
        ("gzip;q=much", None),
        ("gzip;q=2", None),
        ("gzip;level=9", None),
    ],
)
def test_the_client_gets_what_it_likes_best(accepted: str, expected: str | None) -> None:
    assert chosen(accepted, QUICK) == expected


def test_among_equals_the_first_of_ours_wins() -> None:
    assert (chosen("gzip, br, zstd", QUICK), chosen("gzip, br, zstd", SMALL)) == ("zstd", "br")


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "text/css; charset=utf-8", "image/svg+xml", "application/manifest+json", "Text/HTML"],
)
def test_text_that_is_long_enough_is_worth_it(media_type: str) -> None:
    assert worth_it(b"x" * SMALLEST, media_type)
    assert not worth_it(b"x" * (SMALLEST - 1), media_type)


@pytest.mark.parametrize("media_type", ["image/png", "video/mp4", "", "application/octet-stream"])
def test_what_is_compressed_already_is_not_worth_it(media_type: str) -> None:
    assert not worth_it(b"x" * SMALLEST, media_type)
