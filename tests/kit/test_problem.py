"""RFC 9457, whatever the client sent."""

import json
from typing import Any

import pytest

from reelhook.kit import problem


def test_a_problem_has_its_title_status_code_and_words() -> None:
    assert json.loads(problem.body(404, "not_found", "no video é", faults=[1])) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "code": "not_found",
        "detail": "no video é",
        "faults": [1],
    }


@pytest.mark.parametrize(("status", "detail"), [(599, "x"), (422, "\ud800\x00")])
def test_no_status_and_no_text_makes_it_fail(status: int, detail: str) -> None:
    assert json.loads(problem.body(status, "x", detail))["detail"] == detail


@pytest.mark.parametrize("head", [False, True])
async def test_it_is_sent_whole_and_without_content_for_head(head: bool) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await problem.answer(send, 503, "away", "come back", headers={"retry-after": "5"}, head=head)
    start, body = sent
    headers = dict(start["headers"])
    assert headers[b"cache-control"] == b"no-store"
    content = problem.body(503, "away", "come back")
    assert (start["status"], headers[b"content-type"], headers[b"retry-after"]) == (
        503,
        b"application/problem+json",
        b"5",
    )
    assert headers[b"content-length"] == str(len(content)).encode()
    assert body["body"] == (b"" if head else content)
