"""A short run over the whole API; `make fuzz` goes on for as long as it is told to."""

from pathlib import Path

from tests.fuzz.scene import asked
from tests.house.test_routes import api

__all__ = ["api"]


def test_no_answer_is_one_that_the_document_does_not_name(tmp_path: Path) -> None:
    statuses = asked(tmp_path, random=1, examples=1)
    asked_by = {caller for caller, *_ in statuses}
    assert asked_by == {"nobody", "viewer", "operator", "admin", "narrow", "token", "browser"}
    answered = {status for *_, status in statuses}
    assert {200, 201, 202, 204, 401, 403, 404, 422} <= answered, "it asked for what is possible, too"
    assert {status for status in answered if status >= 500} <= {503}


async def test_no_route_reads_a_form(api) -> None:
    """Multipart parsers are a door of their own; there is none, so nothing fuzzes one."""
    bodies = [
        media_type
        for operations in api.openapi()["paths"].values()
        for operation in operations.values()
        for media_type in operation.get("requestBody", {}).get("content", {})
    ]
    assert set(bodies) == {"application/json"}
