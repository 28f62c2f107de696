"""Hiding what is secret in a text: known by its look, by the name before it, or because we hold it ourselves."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

HIDDEN = "***"
SHORTEST = 10  # what is shorter may be a word of any message: "postgres", "password"
NAMES = r"secret|password|passwd|token|api[_-]?key|authorization|cookie|credential|signature$|dsn$"
SECRET_NAMES = re.compile(NAMES, re.IGNORECASE)

_NAME = r"(?:secret|password|passwd|token|api[_-]?key|authorization|cookie|credentials?|signature|dsn)"
_BACK = r"/(?:[\w-]{0,40}callback|oidc|oauth)[^\s\"'<>]{0,300}?[?&]"
_NAMES = ("secret", "passw", "token", "key", "authorization", "cookie", "credential", "signature", "dsn")
_QUOTED = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\\+["'][^"'\\]*)"""
_CHAT = ("slack", "discord", "tgram", "msteams", "workflows", "mmost", "rocket", "ntfy", "gotify", "pover", "matrix")
# Each keeps its first group and hides the rest. It is tried only where one of the words before it stands: most texts
# are ids and names. What somebody else may have written must be read in time that grows with its length alone, so
# nothing that begins at many places goes on for long from each of them.
SECRET_PARTS: tuple[tuple[tuple[str, ...], str], ...] = (
    # a signed link of CloudFront, S3, Google or Azure, a token or a password in a query or fragment
    (
        ("=",),
        r"([?&#;](?:[\w-]*(?:token|signature|credential|secret|password|policy)|key-pair-id|api_?key|sig|link)=)"
        r"[^&\s\"'<>]+",
    ),
    # what an OpenID Connect provider sends back with the browser
    (("code", "callback"), rf"({_BACK}code(?:_verifier)?=)[^&\s\"'<>]+"),
    (("state=", "nonce="), rf"({_BACK}(?:state|nonce)=)[^&\s\"'<>]+"),
    (("code=",), r"([?&#](?:code=)(?=[^\s\"'<>]{0,500}&state=))[^&\s\"'<>]+"),
    (("&code=",), r"([?&#]state=[^&\s\"'<>]{1,500}&code=)[^&\s\"'<>]+"),
    # the password in the address of a database, a mail server, a proxy or Cloudinary; not the port of one without
    (("@",), r"(://[^/\s:@\"']{0,200}:)(?!\d{1,5}/)[^\s\"']{1,300}(?=@)"),
    # the key in a Sentry DSN
    (("@",), r"(\bhttps?://)[^/\s:@\"'?#]{8,200}(?=@)"),
    # the addresses at which chat services take messages: who knows one may post
    (("hooks.slack",), r"(\bhooks\.slack\.com/(?:services|workflows|triggers)/)[^\s\"'<>?]+"),
    (("/webhooks/",), r"(\bdiscord(?:app)?\.com/api/(?:v\d+/)?webhooks/)[^\s\"'<>?]+"),
    (("telegram",), r"(\bapi\.telegram\.org/(?:file/)?bot)[^/\s\"'<>?]+"),
    (("webhook.office",), r"(\.webhook\.office\.com/)[^\s\"'<>?]+"),
    (("/hooks/",), r"(/hooks/)[a-z0-9]{20,}"),
    (_CHAT, rf"(\b(?:{'|'.join(_CHAT)})s?://)[^\s\"'<>]+"),
    # a per-request callback's token is a part of its path
    (("/callback/",), r"(/webhooks/heygen/callback/)[^/?\s\"']+"),
    # headers, as lines
    (("bearer", "basic"), r"(\b(?:Bearer|Basic)\s+)[\w.~+/=-]{8,}"),
    (("authorization",), r"(\bauthorization\s*:\s*(?:[a-z-]{1,20}\s+)?)(?!\*\*\*)[^\s\"']{8,}"),
    (("cookie",), r"(\b(?:set-)?cookie\s*:\s*)[^\r\n]+"),
    (("x-",), r"(\bx-[\w-]{0,40}(?:key|token)\s*:\s*)[^\s\"',]+"),
    (("-signature",), r"(-signature\s*:\s*)[^\r\n\"']+"),
    # a name and its value, in a document or beside each other
    (_NAMES, rf"({_NAME}\\*[\"']\s*[:=,]\s*b?){_QUOTED}"),
    (_NAMES, rf"({_NAME}=)(?:{_QUOTED}|[^\s&;,\"')\]}}<>]+)"),
    (("reelhook=",), r"((?:__Host-|\b)reelhook=)[^;\s\"']{16,}"),
    # by their look alone: our keys, webhook secrets, HeyGen's keys, JSON Web Tokens, private keys
    (("rhk_", "whs"), r"(\b(?:rhk|whsec|whsk)_)[\w+/=-]+"),
    (("sk_v",), r"(\bsk_V\d_)[\w+/=-]+"),
    (("eyj",), r"((?<![\w-])eyJ)[\w-]{8,}\.[\w-]+(?:\.[\w-]*)*"),
    (("private key",), r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)(?:(?!-----END)[\s\S])+"),
)
MASKS = tuple((needles, re.compile(pattern, re.IGNORECASE)) for needles, pattern in SECRET_PARTS)

# Most texts of a log line hold none of the words: one look tells.
ANY_NEEDLE = re.compile("|".join(sorted({re.escape(needle) for needles, _ in SECRET_PARTS for needle in needles})))


class _Held:
    """The secrets of this process, by their own text: whatever place they turn up in."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        self.fields: set[str] = set()
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


def hide_fields(*names: str) -> None:
    """From now on hide what fields of these names hold, besides those whose names say that it is secret."""
    _held.fields.update(name.lower() for name in names)


def mask(text: str) -> str:
    """*text* with the secrets in it replaced by asterisks."""
    if _held.pattern is not None:
        text = _held.pattern.sub(HIDDEN, text)
    lower = text.lower()
    if not ANY_NEEDLE.search(lower):
        return text
    for needles, pattern in MASKS:
        if any(needle in lower for needle in needles):
            text = pattern.sub(rf"\1{HIDDEN}", text)
    return text


def scrub(value: Any, name: str = "") -> Any:
    """*value* fit to be shown: containers all through, what *name* calls a secret hidden, the rest as masked text."""
    if name.lower() in _held.fields:
        return HIDDEN
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
