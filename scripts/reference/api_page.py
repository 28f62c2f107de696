"""docs/reference/api.md: every operation of the OpenAPI document, with its example."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scripts.reference.table import table

from reelhook.app import Service
from reelhook.settings import Settings

Json = Mapping[str, Any]
HEAD = """# API

The same as `/docs` of a running Reelhook, where whoever is signed in can try it out, and as `/openapi.json`, from
which clients can be made. Who asks sends an API key as `Authorization: Bearer rhk_…` ([access](../access.md)). Bodies
and answers are JSON; times are RFC 3339 in UTC; lists are `{"data": […], "next_cursor": …}`, newest first, and go on
with `?cursor=`. What is refused is `application/problem+json` with a stable [`code`](codes.md). The examples are
answers of a real service; a test asks for each of them again.
"""
# In the order in which a builder meets them.
TAGS: Mapping[str, str] = {
    "videos": "Videos",
    "stream": "The live stream",
    "webhooks": "HeyGen's webhooks",
    "events": "Events",
    "rejections": "Rejections",
    "jobs": "Work",
    "subscriptions": "Webhooks to your systems",
    "notifications": "What people are told",
    "me": "Oneself",
    "access": "Who gets in",
    "operations": "Operations",
}
JSON_TYPE = "application/json"


async def page() -> str:
    """The whole page."""
    told = await document()
    chapters: dict[str, list[str]] = {tag: [] for tag in TAGS}
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            chapters[operation["tags"][0]].append("\n".join(_operation(told, method.upper(), path, operation)))
    return "\n".join([HEAD, *(f"## {TAGS[tag]}\n\n" + "\n".join(found) for tag, found in chapters.items())])


async def document() -> dict[str, Any]:
    """The OpenAPI document of a service as it is when nobody has set anything."""
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Settings(database_url=f"sqlite:///{folder}/reelhook.db", stores=f"local:{folder}/media"))
        told = service.doors.api.openapi()
        await service.stop()
    return told


def _operation(told: Json, method: str, path: str, operation: Json) -> Iterator[str]:
    yield f"### {method} {path}\n"
    yield f"{_paragraph(operation.get('description') or operation['summary'])}\n"
    yield f"{_who(operation)}\n"
    if rows := [*map(_parameter, operation.get("parameters", ()))]:
        yield table(("parameter", "in", "is"), rows)
    body = operation.get("requestBody", {}).get("content", {}).get(JSON_TYPE)
    if body is not None:
        if rows := [*_members(told, body["schema"])]:
            yield table(("member", "is"), rows)
        if "example" in body:
            yield _block("json", body["example"])
    for status, response in operation["responses"].items():
        if int(status) < 400:
            yield from _answer(status, response)
    refused = [status for status in operation["responses"] if int(status) >= 400]
    if refused:
        yield f"Refusals: {', '.join(refused)} ([codes](codes.md)).\n"


def _answer(status: str, response: Json) -> Iterator[str]:
    says = response["description"]
    yield f"Answer {status}" + ("" if says == "Successful Response" else f": {says}") + ".\n"
    for kind, content in response.get("content", {}).items():
        if "example" in content:
            text = content["example"]
            yield _block("json", text) if kind == JSON_TYPE else f"```text\n{text}\n```\n"


def _paragraph(text: str) -> str:
    return " ".join(text.split())


def _who(operation: Json) -> str:
    if operation.get("security") == []:
        return "Open to everybody."
    return f"Scope `{operation['x-required-scope']}`: {', '.join(operation['x-roles'])}."


def _parameter(one: Json) -> Sequence[str]:
    needed = " (needed)" if one["required"] else ""
    return f"`{one['name']}`{needed}", one["in"], _type(one["schema"]) + _note(one)


def _members(told: Json, schema: Json) -> Iterator[Sequence[str]]:
    schema = next((one for one in schema.get("anyOf", ()) if "$ref" in one), schema)
    if "$ref" not in schema:  # HeyGen's own
        return
    found = told["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    for name, one in found["properties"].items():
        needed = " (needed)" if name in found.get("required", ()) else ""
        yield f"`{name}`{needed}", _type(one) + _note(one)


def _type(schema: Json) -> str:
    if "anyOf" in schema:
        kinds = dict.fromkeys(_type(one) for one in schema["anyOf"] if one.get("type") != "null")
        return " or ".join(kinds)
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1].rsplit("__", 1)[-1])
    kind = schema.get("format") or schema.get("type", "anything")
    return f"list of {_type(schema['items'])}" if kind == "array" and "items" in schema else str(kind)


def _note(one: Json) -> str:
    default = one.get("default", one.get("schema", {}).get("default"))
    usual = f"; when left out `{json.dumps(default, ensure_ascii=False)}`" if default not in (None, "", {}, []) else ""
    return usual + (f". {_paragraph(one['description'])}" if one.get("description") else "")


def _block(language: str, value: Any) -> str:
    return f"```{language}\n{json.dumps(value, indent=2, ensure_ascii=False)}\n```\n"
