import pytest

from reelhook.events.lenient import decode, first, ident, length_ms, link, objects, seconds, text


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": "x\\u0000y"}', {"a": "xy"}),
        (b'{"a\\u0000": [1, "\\u0000"]}', {"a": [1, ""]}),
        (b'{"a": "cut \\ud83d"}', {"a": "cut "}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": NaN, "b": [Infinity, 1.5]}', {"a": None, "b": [None, 1.5]}),
        (b'{"a": NaN, "b": 123456789012345678901234567890}', {"a": None, "b": "123456789012345678901234567890"}),
        ('{"a": "Grüße 🎬"}'.encode(), {"a": "Grüße 🎬"}),
    ],
)
def test_what_senders_really_produce_is_read(body: bytes, value: object) -> None:
    assert decode(body) == value


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a": "\xed\xa0\x80"}', b"{}{}", b"[" * 100_000, b"1" * 5000])
def test_what_is_no_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        decode(body)


def test_nesting_is_limited_but_width_is_not() -> None:
    assert decode(b"[" * 100 + b"]" * 100)
    with pytest.raises(ValueError, match="too deeply"):
        decode(b"[" * 101 + b"]" * 101)
    assert decode(b"[" + b"{}," * 500 + b"{}]") == [{}] * 501


def test_text_takes_numbers_but_nothing_else() -> None:
    assert [text(value) for value in (" a ", 7, 1.5)] == ["a", "7", "1.5"]
    nothing: list[object] = ["", "  ", True, None, {}, ["a"]]
    assert [text(value) for value in nothing] == [None] * 6
    assert text("abcdef", 4) == "abc…"


def test_an_id_that_is_too_long_is_no_id_rather_than_half_of_one() -> None:
    assert ident("i" * 512) == "i" * 512
    assert ident("i" * 513) is None
    assert ident(40119) == "40119"


def test_only_http_addresses_are_links() -> None:
    assert link(" https://files.heygen.ai/a.mp4 ") == "https://files.heygen.ai/a.mp4"
    assert [link(value) for value in ("javascript:alert(1)", "file:///etc/passwd", "", None, 7)] == [None] * 5
    assert link("https://h/" + "x" * 8182) is not None
    assert link("https://h/" + "x" * 8183) is None


def test_seconds_are_numbers_from_zero_on() -> None:
    told = (30.5, 0, -1, "3", 1e308, None)
    assert [length_ms({"duration": value}) for value in told] == [30_500, None, None, None, None, None]
    assert length_ms({"duration": None, "duration_seconds": 9}) == 9000
    assert [seconds(value) for value in (30.5, 0, -1, "3", True, None)] == [30.5, 0.0, None, None, None, None]


def test_the_first_field_that_says_something_counts() -> None:
    assert first({"a": "", "b": None, "c": "x", "d": "y"}, ("a", "b", "c", "d"), text) == "x"
    assert first({}, ("a",), text) is None


def test_objects_leaves_out_what_is_none() -> None:
    assert objects([{"a": 1}, None, 1, [], {}]) == [{"a": 1}, {}]
    assert objects({"a": 1}) == []
