"""Entity tags and If-None-Match (RFC 9110, sections 8.8.3 and 13.1.2)."""

import pytest

from reelhook.kit import etags

TAG = etags.weak(b"content")


def test_the_same_bytes_have_the_same_tag_and_others_another() -> None:
    assert etags.strong(b"content") == etags.strong(b"content") != etags.strong(b"other")
    assert etags.weak(b"content") == f"W/{etags.strong(b'content')}"


@pytest.mark.parametrize(
    "condition",
    [TAG, TAG.removeprefix("W/"), f'"other", {TAG}', f'{TAG},"other"', "*", " * ", f'"with, comma" ,{TAG}'],
)
@pytest.mark.parametrize("etag", [TAG, TAG.removeprefix("W/")])
def test_who_has_it_is_recognised(condition: str, etag: str) -> None:
    assert etags.matches(condition, etag)


@pytest.mark.parametrize(
    "condition", [None, "", '"other"', 'W/"other"', TAG.strip('W/"'), f"x{TAG[:-2]}", '"*"', f'"a {TAG[3:-1]} b"']
)
def test_who_has_it_not_is_sent_it(condition: str | None) -> None:
    assert not etags.matches(condition, TAG)
