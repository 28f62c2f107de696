"""What the API says of itself: FastAPI's document, the plain paths, and the security and problems of each operation.

Every problem has one shape (RFC 9457). Which of them an operation may answer with follows from what it is.
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from reelhook.auth import permissions
from reelhook.auth.open_paths import Door, door
from reelhook.auth.site import SECURE_COOKIE
from reelhook.kit.problem import MEDIA_TYPE

SHAPE = "Problem"
CONTENT = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{SHAPE}"}}}
FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")
# What a real service was asked and answered: by method and path its `status`, `query`, `body` and `answer`.
EXAMPLES = Path(__file__).with_name("api_examples.json")
JSON_TYPE = "application/json"


def document(api: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of *api*, made once."""
    if api.openapi_schema is None:
        told = get_openapi(title=api.title, version=api.version, routes=api.routes)
        for path, operations in PLAIN_PATHS.items():
            told["paths"][path] = deepcopy(operations)
        permissions.describe(api, told)
        examples = json.loads(EXAMPLES.read_text())
        for path, operations in told["paths"].items():
            for method, operation in operations.items():
                _complete(method.upper(), path, operation)
                _show(operation, examples.get(f"{method.upper()} {path}", {}))
        components = told.setdefault("components", {})
        components["securitySchemes"] = SECURITY
        schemas = components.setdefault("schemas", {})
        for name in FASTAPIS_OWN:
            schemas.pop(name, None)
        schemas[SHAPE] = PROBLEM
        told["security"] = [{name: []} for name in SECURITY]
        api.openapi_schema = told
    return api.openapi_schema


def _complete(method: str, path: str, operation: dict[str, Any]) -> None:
    """Say of one operation all the problems it may answer with."""
    responses = operation["responses"]
    for status in _problems(method, path, operation):
        responses.setdefault(str(status), {"description": MEANINGS[status]})
    for status, response in responses.items():
        if int(status) >= 400 and path not in ("/healthz", "/readyz"):
            response["content"] = CONTENT
    operation["responses"] = dict(sorted(responses.items()))


def _show(operation: dict[str, Any], example: Mapping[str, Any]) -> None:
    """Show in one operation what was asked and answered."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query" and parameter["name"] in example.get("query", {}):
            parameter["example"] = example["query"][parameter["name"]]
    if "body" in example:
        body = operation.setdefault("requestBody", {"content": {JSON_TYPE: {"schema": {"type": "object"}}}})
        body["content"][JSON_TYPE]["example"] = example["body"]
    if "answer" in example:
        content = operation["responses"][str(example["status"])].setdefault("content", {})
        content.setdefault(JSON_TYPE, {"schema": {"type": "object"}})["example"] = example["answer"]


def _problems(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[int]:
    which = door(method, path)
    if which is Door.OPEN:
        return
    yield 401
    yield 503
    if which is Door.GUARDED or method != "GET":
        yield 403
    if method != "GET" or path.startswith("/api/v1/me/"):  # a key has no notifications of its own
        yield 409
    if path.startswith("/api/"):
        yield 429
    if "{" in path:
        yield 404
    if "requestBody" in operation:
        yield from (400, 413, 422)


def _told(summary: str, tag: str, **answers: str) -> dict[str, Any]:
    responses = {status.removeprefix("_"): {"description": text} for status, text in answers.items()}
    return {"summary": summary, "tags": [tag], "responses": responses}


def _in_path(name: str) -> dict[str, Any]:
    return {"parameters": [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}}]}


MEANINGS = {
    400: "The body, or its length, cannot be read",
    401: "Nobody is signed in, or what was shown is no longer good",
    403: "Not for this role or key, or not from this page",
    404: "There is none with this id, or none that the caller may see",
    409: "What is there does not allow it; `code` says why",
    413: "The body is too large",
    422: "The request is not what this operation takes; `faults` names each fault by its path",
    429: "Too many requests; Retry-After says when to come again",
    503: "The database, or what else this needs, is away; Retry-After says when to come again",
}
PROBLEM = {
    "title": "Problem",
    "description": "What was refused (RFC 9457). `code` is stable and for programs, `detail` is for people.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "faults": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "message"],
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
SECURITY = {
    "session": {"type": "apiKey", "in": "cookie", "name": SECURE_COOKIE},
    "key": {"type": "http", "scheme": "bearer", "description": "An API key, or a stream token where one is enough."},
    "token": {"type": "apiKey", "in": "query", "name": "token", "description": "A stream token."},
}
# What is served beside FastAPI, because it is hot or streams.
PLAIN_PATHS: dict[str, dict[str, dict[str, Any]]] = {
    "/webhooks/heygen": {
        "post": _told(
            "HeyGen's signed webhooks",
            "webhooks",
            _200="Committed: `{event_id, duplicate}`",
            _401="No right signature; `code` says what seems to be the matter",
            _403="The address is not allowed",
            _413="More than 1 MiB",
            _429="Too many wrong posts from this address",
            _503="Not committed; come again after Retry-After",
        ),
        "options": _told("HeyGen's probe", "webhooks", _200="At once, without the database"),
    },
    "/webhooks/heygen/callback/{token}": {
        "post": _told(
            "Unsigned callbacks, taken as hints",
            "webhooks",
            _200="Committed: `{event_id, duplicate}`",
            _401="Unknown token",
            _403="The address is not allowed",
            _413="More than 1 MiB",
            _429="Too many wrong posts from this address",
            _503="Not committed; come again after Retry-After",
        )
        | _in_path("token")
    },
    "/api/v1/stream": {
        "get": _told("Live updates (SSE)", "stream", _200="`text/event-stream`", _422="Last-Event-ID is no number")
    },
    "/unsubscribe/{token}": {
        "post": _told("The link in a letter that ends such letters", "notifications", _204="Done", _404="Unknown token")
        | _in_path("token")
    },
    "/media/{asset_id}": {
        "get": _told(
            "A stored file, in ranges",
            "videos",
            _200="The file",
            _206="A range",
            _404="Not there for you",
            _410="The link has ended",
        )
        | _in_path("asset_id")
    },
}
