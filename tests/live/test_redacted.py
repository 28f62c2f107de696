"""What may be shown of a delivery, and that nothing else is."""

import pytest

from tests.live import redacted


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("", ""),
        ("Anna Smith", "<text of 10>"),
        ("a" * 64, "<64 hex digits>"),
        ("2541b1cb8c604ec09ae49f47ab36df90", "<32 hex digits>"),
        ("0199c1f2-0000-7000-8000-000000000001", "<UUID>"),
        ("2026-03-25T12:05:00Z", "<time, ISO 8601>"),
        ("1760826433", "<seconds since 1970>"),
        (
            "https://files2.heygen.ai/aws/tmp/2541b1cb/me.mp4?Expires=1&Signature=abc~&Key-Pair-Id=K3",
            "https://files2.heygen.ai/*/*/*/*.mp4?Expires=*&Signature=*&Key-Pair-Id=*",
        ),
        ("https://someone:secret@heygen.ai/", "https://heygen.ai/"),
    ],
)
def test_a_text_is_shown_by_its_form(sent: str, shown: str) -> None:
    assert redacted.text(sent) == shown


def test_a_body_keeps_its_shape_and_the_words_of_the_api() -> None:
    sent = {
        "event_type": "avatar_video.success",
        "created_at": 1_760_826_433,
        "event_data": {
            "status": "completed",
            "duration": 30.5,
            "folder_id": None,
            "msg": "Anna's video",
            "tags": ["a"],
        },
        "anna@example.com": "x",
    }
    assert redacted.body(sent) == {
        "event_type": "avatar_video.success",
        "created_at": "<seconds since 1970>",
        "event_data": {
            "status": "completed",
            "duration": 30.5,
            "folder_id": None,
            "msg": "<text of 12>",
            "tags": ["<text of 1>"],
        },
        "<text of 16>": "<text of 1>",
    }


def test_a_word_of_the_api_is_shown_only_when_it_looks_like_one() -> None:
    assert redacted.body({"status": "<b>Anna's</b>"}) == {"status": "<text of 13>"}


def test_of_headers_names_are_shown_and_harmless_values() -> None:
    sent = [
        ("Host", "hooks.example.com"),
        ("signature", "b" * 64),
        ("User-Agent", "python-requests/2"),
        ("Cookie", "a=b"),
    ]
    assert redacted.headers(sent, "hooks.example.com") == [
        ["Host", "<our host>"],
        ["signature", "<64 hex digits>"],
        ["User-Agent", "python-requests/2"],
        ["Cookie", "<text of 3>"],
    ]
