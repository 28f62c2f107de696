"""Files of any size, made from a small clip."""

import hashlib
from io import BytesIO
from itertools import pairwise

import pytest

from reelhook.simulators.clips import MEDIA, MediaFile, clip_names
from reelhook.simulators.mp4 import probe


def test_there_are_clips_small_enough_to_ship() -> None:
    assert len(clip_names()) >= 4
    assert max(path.stat().st_size for path in MEDIA.iterdir()) < 120_000


@pytest.mark.parametrize("name", clip_names())
def test_a_clip_says_how_long_and_how_big_it_is(name: str) -> None:
    for file in (f"{name}.mp4", f"{name}.captioned.mp4"):
        mp4 = probe(BytesIO((MEDIA / file).read_bytes()))
        assert (mp4.width, mp4.height) == (640, 360)
        assert mp4.duration == pytest.approx(5.0, abs=0.1)


def test_a_padded_file_has_its_length_its_boxes_and_the_same_bytes_however_it_is_read() -> None:
    file = MediaFile("tour.mp4", "seed", 1_000_001)
    whole = b"".join(file.blocks())
    assert len(whole) == file.length == 1_000_001
    assert hashlib.sha256(whole).hexdigest() == file.digests["sha256"]
    clip = (MEDIA / "tour.mp4").read_bytes()
    assert whole.startswith(clip)
    assert whole[len(clip) :][:8] == (1_000_001 - len(clip)).to_bytes(4, "big") + b"free"
    cuts = [0, 1, len(clip) - 1, len(clip) + 3, 262_144, 700_000, 1_000_001]
    assert b"".join(file.read(start, stop) for start, stop in pairwise(cuts)) == whole


def test_another_seed_is_another_file() -> None:
    assert MediaFile("tour.mp4", "a").digests != MediaFile("tour.mp4", "b").digests
