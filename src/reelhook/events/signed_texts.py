"""What may have been signed in place of the body, and with what in place of the secret: the usual mistakes, named."""

import base64
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reelhook.events.lenient import cleaned

PREFIX = "whsec_"
BOM = b"\xef\xbb\xbf"
MOST_UNPACKED = 64 * 1024
MOST_INDENTED = 4 * 1024
MOST_NESTED = 32  # many levels make many spaces of few bytes


@dataclass(frozen=True, slots=True)
class Text:
    """Bytes that may have been signed. *reason* is the fault it shows, None for the body as it came."""

    reason: str | None
    name: str
    content: bytes


def texts(body: bytes, stamps: Sequence[str], message_ids: Sequence[str]) -> Iterator[Text]:
    """The body itself first, then what is mistaken for it, the likelier the earlier."""
    yield Text(None, "the body", body)
    for stamp in stamps:
        at = stamp.encode()
        for message_id in message_ids:
            yield Text("timestamp_signed", "id.time.body", b".".join((message_id.encode(), at, body)))
        yield Text("timestamp_signed", "time.body", at + b"." + body)
        yield Text("timestamp_signed", "v0:time:body", b"v0:" + at + b":" + body)
        yield Text("timestamp_signed", "the time, then the body", at + body)
        yield Text("timestamp_signed", "the body, then the time", body + at)
    for name, content in _other_whitespace(body):
        if content != body:
            yield Text("body_whitespace", name, content)
    if body:
        yield Text("empty_body", "an empty body", b"")
    if (unpacked := _unpacked(body)) is not None:
        yield Text("compressed_body", "what the body is once it is unpacked", unpacked)
    for name, content in _rewritten(body):
        yield Text("reserialised_json", name, content)


def keys(secret: str) -> Iterator[tuple[str | None, bytes]]:
    """The key as HeyGen uses it, without a name, then the ways in which people get it wrong, each with its name."""
    bare = secret.removeprefix(PREFIX)
    whole = secret.encode("utf-8", "surrogateescape")
    yield None, whole
    yield "a trailing newline at the end", whole + b"\n"
    yield "a trailing carriage return at the end", whole + b"\r\n"
    yield "quotation marks around the text", b'"' + whole + b'"'
    yield f"the text after {PREFIX}", bare.encode("utf-8", "surrogateescape")
    yield f"{PREFIX} before the text", f"{PREFIX}{bare}".encode("utf-8", "surrogateescape")
    try:
        yield "the base64-decoded key (as Standard Webhooks do)", base64.b64decode(bare + "=" * (-len(bare) % 4))
    except ValueError:
        return


def is_cut(body: bytes) -> bool:
    """Whether *body* begins as JSON and ends before that does."""
    text = body.strip()
    if not text.startswith((b"{", b"[")) or text.endswith((b"}", b"]")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return True
    return False


def _other_whitespace(body: bytes) -> Iterator[tuple[str, bytes]]:
    yield "without surrounding whitespace", body.strip()
    yield "with a newline at its end", body + b"\n"
    yield "with a carriage return and a newline at its end", body + b"\r\n"
    yield "with plain newlines in place of CR LF", body.replace(b"\r\n", b"\n")
    yield "with CR LF in place of plain newlines", body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    yield "without the byte order mark at its start", body.removeprefix(BOM)
    yield "with a byte order mark at its start", BOM + body


def _unpacked(body: bytes) -> bytes | None:
    """The body without its compression, the beginning of it when that is long; None when it has none."""
    if not body.startswith((b"\x1f\x8b", b"\x78")):
        return None
    try:
        return zlib.decompressobj(47).decompress(body, MOST_UNPACKED)  # 47: gzip or zlib, whichever it is
    except zlib.error:
        return None


def _rewritten(body: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        value = json.loads(body)
        cleaned(value)  # refuses what nests too deeply, before it is written again
    except (ValueError, RecursionError):
        return
    may_indent = len(body) <= MOST_INDENTED and body.count(b"{") + body.count(b"[") <= MOST_NESTED
    for name, layout in LAYOUTS:
        if "indent" not in layout or may_indent:
            yield name, _written(value, layout)
    slashes = _written(value, {"separators": (",", ":")}).replace(b"/", b"\\/")
    yield "re-serialised as compact JSON, non-ASCII and slashes escaped (as PHP does)", slashes


def _written(value: object, layout: dict[str, object]) -> bytes:
    return json.dumps(value, **layout).encode("utf-8", "surrogatepass")  # type: ignore[arg-type]


def _layouts() -> Iterator[tuple[str, dict[str, object]]]:
    for layout, separators in {"compact": (",", ":"), "spaced": (", ", ": ")}.items():
        for in_order in (False, True):
            for escaped in (False, True):
                name = f"re-serialised as {layout} JSON" + ", keys sorted" * in_order + ", non-ASCII escaped" * escaped
                yield name, {"separators": separators, "sort_keys": in_order, "ensure_ascii": escaped}
    for indent in (2, 4):
        yield f"re-serialised as JSON indented by {indent}", {"indent": indent, "ensure_ascii": False}


LAYOUTS = tuple(_layouts())
