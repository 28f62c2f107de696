import pytest

from bench import http_compression


async def test_every_way_of_every_answer_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_compression, "ROUNDS", 130)  # more than one key may ask at once
    monkeypatch.setattr(http_compression, "MOST_S", 2.0)
    for answer in (await http_compression.answers()).values():
        assert answer["bytes"]["br"] < answer["bytes"]["identity"]
        assert set(answer["us"]) == {*http_compression.WAYS, "304"}
