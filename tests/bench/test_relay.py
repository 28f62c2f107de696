"""The file that is archived, and the memory that it takes."""

import os
from pathlib import Path

import pytest
from bench.streams.processes import most_memory, own_memory

from bench import relay
from reelhook.archive.boxes import Boxes
from reelhook.archive.media_types import media_type


def test_the_file_is_a_whole_film_of_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "SIZE", 100_000)
    film = relay.film(tmp_path / "files" / "film.mp4").read_bytes()
    boxes = Boxes()
    boxes.feed(film)
    assert (len(film), media_type(film, "video")) == (100_000, "video/mp4")
    assert (boxes.has_film, boxes.missing) == (True, 0)


def test_memory_that_was_given_back_is_told() -> None:
    before, size = own_memory(os.getpid()), 64 * 2**20
    taken = b"x" * size
    del taken
    assert most_memory(os.getpid()) - before > size / 2
