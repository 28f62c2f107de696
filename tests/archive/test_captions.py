"""SubRip as WebVTT."""

import pytest

from reelhook.archive.captions import webvtt

SRT = (
    "\ufeff1\r\n00:00:01,200 --> 00:00:03,400\r\nHello, <i>world</i>\r\n\r\n"
    "2\r\n0:00:04.5 --> 00:00:05,25  X1:0\r\nTwo\r\n"
)


def test_times_get_the_form_of_webvtt_and_words_stay() -> None:
    assert webvtt(SRT.encode()).decode() == (
        "WEBVTT\n\n1\n00:00:01.200 --> 00:00:03.400\nHello, <i>world</i>\n\n2\n00:00:04.500 --> 00:00:05.250\nTwo\n"
    )


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", ""),
        (b"an arrow --> here", "an arrow --&gt; here"),
        ("naïve – café".encode("cp1252"), "naïve – café"),
        ("naïve – café".encode(), "naïve – café"),
        (b"one\rtwo\x00", "one\ntwo"),
    ],
)
def test_whatever_the_words_are(raw: bytes, said: str) -> None:
    assert webvtt(raw).decode() == f"WEBVTT\n\n{said}"
