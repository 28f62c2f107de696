"""What we own is read strictly: a field that nobody knows is a mistake of the sender's, and is told by its path."""

from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import pytest

from tests.house.test_routes import api

__all__ = ["api"]

# HeyGen owns what is in it, and judges it.
HEYGENS = {"heygen"}
# What comes there is all HeyGen's: whatever it is, it is kept.
FRONT_DOOR = "/webhooks/heygen"


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                if path != FRONT_DOOR:
                    yield f"{method.upper()} {path}", content["schema"]


def lenient(schema: dict[str, Any], document: dict[str, Any], where: str) -> Iterator[str]:
    """The places in *schema* that would take a field of any name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from lenient(document["components"]["schemas"][name], document, where)
    for choice in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(choice, ()):
            yield from lenient(one, document, where)
    if schema.get("type") == "array":
        yield from lenient(schema.get("items", {}), document, f"{where}[]")
    if schema.get("type") == "object":
        if schema.get("additionalProperties", True) is True and "patternProperties" not in schema:
            yield where
        for name, inner in schema.get("properties", {}).items():
            if name not in HEYGENS:
                yield from lenient(inner, document, f"{where}.{name}")


async def test_no_request_body_takes_a_field_of_another_name(api) -> None:
    document = api.openapi()
    found = list(bodies(document))
    assert len(found) > 8
    assert [place for where, schema in found for place in lenient(schema, document, where)] == []


@pytest.mark.parametrize(
    ("schema", "places"),
    [
        ({"type": "object"}, ["x"]),
        ({"type": "object", "additionalProperties": False}, []),
        ({"anyOf": [{"type": "null"}, {"type": "object"}]}, ["x"]),
        ({"type": "array", "items": {"type": "object"}}, ["x[]"]),
        ({"type": "object", "additionalProperties": False, "properties": {"y": {"type": "object"}}}, ["x.y"]),
        ({"type": "object", "additionalProperties": {"type": "string"}}, []),
        ({"type": "object", "patternProperties": {"^x": {"type": "string"}}}, []),
    ],
)
def test_the_check_sees_what_is_lenient(schema: dict[str, Any], places: list[str]) -> None:
    assert list(lenient(schema, {}, "x")) == places


async def test_the_path_of_a_fault_is_told(api) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://reelhook") as client:
        answer = await client.post("/api/v1/session", json={"email": "a@b.example", "password": "x", "pasword": "y"})
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "wrong_input")
    assert told["faults"] == [{"path": "body.pasword", "message": "Extra inputs are not permitted"}]
