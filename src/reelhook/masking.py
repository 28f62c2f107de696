"""Hiding what is secret in a text: known by its look, by the name before it, or because we hold it ourselves."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

HIDDEN = "***"
SHORTEST = 10  # what is shorter may be a word of any message: "postgres", "password"
NAMES = r"secret|password|passwd|token|api[_-]?key|authorization|cookie|credential|signature$|dsn$"
SECRET_NAMES = re.compile(NAMES, re.IGNORECASE)

_NAME = r"[\w-]*(?:secret|password|passwd|token|api[_-]?key|authorization|cookie|credentials?|signature|dsn)"
_QUOTED = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\\+["'][^"'\\]*)"""
# Each keeps its first group and hides the rest. What stands in an address comes before what stands anywhere.
SECRET_PARTS = (
    # a signed link of CloudFront, S3, Google or Azure, a token or a password in a query or fragment
    r"([?&#;](?:[\w-]*(?:token|signature|credential|secret|password|policy)|key-pair-id|api_?key|sig|link)=)[^&\s\"'<>]+",
    # what an OpenID Connect provider sends back with the browser
    r"(/(?:[\w-]*callback|oidc|oauth)[^\s\"'<>]*[?&](?:code|code_verifier|state|nonce)=)[^&\s\"'<>]+",
    r"([?&#](?:code=)(?=[^\s\"'<>]*&state=))[^&\s\"'<>]+",
    r"([?&#]state=[^&\s\"'<>]+&code=)[^&\s\"'<>]+",
    # the password in the address of a database, a mail server, a proxy or Cloudinary; not the port of one without
    r"(://[^/\s:@\"']*:)(?!\d{1,5}/)[^\s\"']+(?=@)",
    # the key in a Sentry DSN
    r"(\bhttps?://)[^/\s:@\"'?#]{8,}(?=@)",
    # the addresses at which chat services take messages: who knows one may post
    r"(\bhooks\.slack\.com/(?:services|workflows|triggers)/)[^\s\"'<>?]+",
    r"(\bdiscord(?:app)?\.com/api/(?:v\d+/)?webhooks/)[^\s\"'<>?]+",
    r"(\bapi\.telegram\.org/(?:file/)?bot)[^/\s\"'<>?]+",
    r"(\.webhook\.office\.com/)[^\s\"'<>?]+",
    r"(/hooks/)[a-z0-9]{20,}",
    r"(\b(?:slack|discord|tgram|msteams|workflows|mmosts?|rocket|ntfys?|gotifys?|pover|pbul|matrixs?|mailtos?)://)[^\s\"'<>]+",
    # a per-request callback's token is a part of its path
    r"(/webhooks/heygen/callback/)[^/?\s\"']+",
    # headers, as lines and as pairs
    r"(\b(?:Bearer|Basic)\s+)[\w.~+/=-]{8,}",
    r"(\b(?:proxy-)?authorization\s*:\s*(?:[a-z-]+\s+)?)(?!\*\*\*)[^\s\"']{8,}",
    r"(\b(?:set-)?cookie\s*:\s*)[^\r\n]+",
    r"(\bx-[\w-]*(?:key|token)\s*:\s*)[^\s\"',]+",
    r"(\b[\w-]+-signature\s*:\s*)[^\r\n\"']+",
    # a name and its value, in a document or beside each other
    rf"(\\*[\"']{_NAME}\\*[\"']\s*[:=,]\s*b?){_QUOTED}",
    rf"(\b{_NAME}=)(?:{_QUOTED}|[^\s&;,\"')\]}}<>]+)",
    r"((?:__Host-|\b)reelhook=)[^;\s\"']{16,}",
    # by their look alone: our keys, webhook secrets, HeyGen's keys, JSON Web Tokens, private keys
    r"(\b(?:rhk|whsec|whsk)_)[\w+/=-]+",
    r"(\bsk_V\d_)[\w+/=-]+",
    r"(\beyJ)[\w-]{8,}\.[\w-]+(?:\.[\w-]*)*",
    r"(-----BEGIN [A-Z ]*PRIVATE KEY-----)(?:(?!-----END)[\s\S])+",
)
MASKS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in SECRET_PARTS)
# Most texts are ids, codes and words, and have none of what every one of those begins with.
_SUSPECT = re.compile(r"[=:,]|/hooks|callback/|bearer\s|basic\s|eyj|_|-----BEGIN", re.IGNORECASE)


class _Held:
    """The secrets of this process, by their own text: whatever place they turn up in."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        self.pattern: re.Pattern[str] | None = None

    def add(self, texts: Iterable[str]) -> None:
        new = {form for text in texts if len(text) >= SHORTEST for form in (text, quote(text, safe=""))}
        if not new <= self.texts:
            self.texts |= new
            longest_first = sorted(self.texts, key=len, reverse=True)
            self.pattern = re.compile("|".join(map(re.escape, longest_first)))


_held = _Held()


def never_show(*secrets: str) -> None:
    """From now on hide these wherever they stand. Short ones are only hidden by their look."""
    _held.add(secrets)


def mask(text: str) -> str:
    """*text* with the secrets in it replaced by asterisks."""
    if _held.pattern is not None:
        text = _held.pattern.sub(HIDDEN, text)
    if _SUSPECT.search(text) is None:
        return text
    for pattern in MASKS:
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return text


def scrub(value: Any, name: str = "") -> Any:
    """*value* fit to be shown: containers all through, what *name* calls a secret hidden, the rest as masked text."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if SECRET_NAMES.search(name):
        return HIDDEN
    if isinstance(value, Mapping):
        return {mask(str(key)): scrub(part, str(key)) for key, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        parts = list(value)
        if _is_header(parts):
            return [mask(_text(parts[0])), HIDDEN]
        return [scrub(part) for part in parts]
    return mask(_text(value))


def _is_header(parts: list[Any]) -> bool:
    """A pair like `("x-api-key", "…")`."""
    if len(parts) != 2 or not isinstance(parts[0], (str, bytes)):
        return False
    return SECRET_NAMES.search(_text(parts[0])) is not None


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value if isinstance(value, str) else repr(value)
