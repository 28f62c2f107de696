from hypothesis import given
from hypothesis import strategies as st

from reelhook.kit.text import shorten, storable


@given(st.text(st.characters(codec=None) | st.sampled_from(["\x00", "\ud800", "\udfff", "é", "🎬"])))
def test_whatever_comes_can_be_stored_and_what_could_be_stored_is_kept(text: str) -> None:
    kept = storable(text)
    kept.encode("utf-8")
    assert "\x00" not in kept
    assert kept == "".join(char for char in text if char != "\x00" and not "\ud800" <= char <= "\udfff")


@given(st.text(max_size=30), st.integers(1, 20))
def test_what_is_too_long_is_cut_and_shows_it(text: str, most: int) -> None:
    short = shorten(text, most)
    assert len(short) <= most
    assert short == text if len(text) <= most else short == text[: most - 1] + "…"
