"""What a setting may look like: each kind checks itself and says in one line what it must look like instead."""

import ipaddress
import re
from collections.abc import Mapping
from email.utils import getaddresses
from pathlib import Path
from typing import Annotated, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")
LogLevel = Literal["debug", "info", "warning", "error"]
# Whose lines have a level of their own: the names that loggers are made with.
ROOMS = (
    "analytics", "api", "app", "archive", "auth", "backup", "inbox", "ingest", "jobs", "lease", "limits", "logs",
    "monitoring", "notify", "processes", "realtime", "reconcile", "retention", "schema", "serve", "tracing",
    "worker",
)  # fmt: skip
FIELD = re.compile(r"[A-Za-z_][\w.-]{0,63}")
# Without these a line says nothing.
ALWAYS_SHOWN = ("timestamp", "level", "event")
HOST = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)
NO_DATABASE = "must look like sqlite:///FILE or postgresql://HOST/NAME"


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _database(value: str) -> str:
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError(NO_DATABASE) from None
    if url.drivername not in DATABASES:
        raise ValueError(f"{NO_DATABASE}, not {url.drivername}")
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise ValueError(f"{NO_DATABASE}: what is kept in memory is lost with the process")
    return value


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0 or not plain:
        raise ValueError("must be an address like https://reelhook.example.com")
    return value.rstrip("/")


def _network(value: str) -> str:
    ipaddress.ip_network(value, strict=False)
    return value


def _address_and_port(value: str) -> str:
    """As the guard of our fetches compares it: `10.0.0.5:8443`, `[fd00::5]:8443`."""
    host, _, port = value.rpartition(":")
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
        number = int(port)
    except ValueError:
        raise ValueError(f"{value!r} is not a numeric address:port, e.g. 10.0.0.5:8443 or [fd00::5]:8443") from None
    return f"[{address}]:{number}" if address.version == 6 else f"{address}:{number}"


def _cloudinary(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    if parts.scheme != "cloudinary" or not (parts.hostname and parts.username and parts.password):
        raise ValueError("must look like cloudinary://KEY:SECRET@CLOUD")
    return value


def _redis(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    if parts.scheme not in ("redis", "rediss", "unix") or not (parts.hostname or parts.path):
        raise ValueError("must look like redis://HOST:PORT/NUMBER, rediss://… or unix://PATH?db=NUMBER")
    return value


def _smtp(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/"):
        raise ValueError("must look like smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465")
    return value


def _mailbox(value: str) -> str:
    """One address, with or without a name. A line break in it would be a header of its own."""
    found = getaddresses([value])
    local, _, domain = found[0][1].rpartition("@")
    if len(found) != 1 or not value.isprintable() or not local or not domain or set(found[0][1]) & set(' "<>,;:'):
        raise ValueError(f"{value!r} is not a sender, e.g. Reelhook <reelhook@example.com>")
    return value


def _origin(value: str) -> str:
    """As a browser writes it in `Origin`: lower case, without a path and without the usual port."""
    parts = urlsplit(value.lower())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or "@" in parts.netloc:
        raise ValueError(f"{value!r} is not an origin, e.g. https://app.example.com")
    usual = ":443" if parts.scheme == "https" else ":80"
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual)}"


def _host_suffix(value: str) -> str:
    if not HOST.fullmatch(value):
        raise ValueError(f"{value!r} is not a host name, e.g. heygen.ai")
    return value.lower()


def _pairs(value: object) -> object:
    """`a=b,c=d` as a mapping."""
    if not isinstance(value, str):
        return value
    return {name.strip(): rest.strip() for name, _, rest in (part.partition("=") for part in value.split(",") if part)}


def _levels(value: Mapping[str, str]) -> Mapping[str, str]:
    for room, level in value.items():
        if room not in ROOMS:
            raise ValueError(f"{room!r} is not a part that logs; the parts are {', '.join(ROOMS)}")
        if level not in get_args(LogLevel):
            raise ValueError(
                f"{level!r} is not a level, e.g. jobs=debug; the levels are {', '.join(get_args(LogLevel))}"
            )
    return value


def _field(value: str) -> str:
    if not FIELD.fullmatch(value) or value.lower() in ALWAYS_SHOWN:
        raise ValueError(f"{value!r} is not the name of a field that can be hidden, e.g. remote")
    return value.lower()


Text = Annotated[str, Field(strict=True)]
DatabaseUrl = Annotated[Text, AfterValidator(_database)]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis)]
CloudinaryUrl = Annotated[SecretStr, AfterValidator(_cloudinary)]
Networks = Annotated[tuple[Annotated[Text, AfterValidator(_network)], ...], BeforeValidator(_split)]
AddressAndPort = Annotated[Text, AfterValidator(_address_and_port)]
AddressesAndPorts = Annotated[tuple[AddressAndPort, ...], BeforeValidator(_split)]
Origins = Annotated[tuple[Annotated[Text, AfterValidator(_origin)], ...], BeforeValidator(_split)]
HostSuffixes = Annotated[tuple[Annotated[Text, AfterValidator(_host_suffix)], ...], BeforeValidator(_split)]
LogLevels = Annotated[Mapping[str, str], BeforeValidator(_pairs), AfterValidator(_levels)]
FieldNames = Annotated[tuple[Annotated[Text, AfterValidator(_field)], ...], BeforeValidator(_split)]
Mailbox = Annotated[Text, AfterValidator(_mailbox)]
SmtpUrl = Annotated[SecretStr, AfterValidator(_smtp)]
Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_split)]
BaseUrl = Annotated[Text, AfterValidator(_base_url)]


# Names as S3 allows them; a prefix of plain words, so that the names of files need no escaping anywhere.
BUCKET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([\w-][\w.-]*(?:/[\w-][\w.-]*)*))?", re.ASCII)


class StoreChoice(BaseModel):
    """One entry of STORES: `local:PATH`, `cloudinary`, or `s3://BUCKET/PREFIX` with or without a prefix."""

    model_config = ConfigDict(frozen=True)
    kind: Literal["local", "cloudinary", "s3"]
    path: Path | None = None
    bucket: str | None = None
    prefix: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        kind, _, rest = text.partition(":")
        if kind == "local" and rest:
            return cls(kind="local", path=Path(rest))
        if text == "cloudinary":
            return cls(kind="cloudinary")
        if found := BUCKET.fullmatch(text.rstrip("/")):
            return cls(kind="s3", bucket=found[1], prefix=found[2] or "")
        raise ValueError(f"{text!r} is not a store; use local:PATH, cloudinary or s3://BUCKET/PREFIX")

    def __str__(self) -> str:
        if self.path is not None:
            return f"local:{self.path}"
        return f"s3://{self.bucket}{self.prefix and '/'}{self.prefix}" if self.bucket else self.kind


def _stores(value: object) -> object:
    parts = _split(value)
    if isinstance(parts, (tuple, list)):
        return tuple(StoreChoice.parse(part) if isinstance(part, str) else part for part in parts)
    return parts


def _distinct(value: tuple[StoreChoice, ...]) -> tuple[StoreChoice, ...]:
    kinds = [store.kind for store in value]
    if not kinds:
        raise ValueError("must name at least one store, e.g. local:data/media")
    if twice := {kind for kind in kinds if kinds.count(kind) > 1}:
        raise ValueError(f"names {twice.pop()} twice; one of each kind is possible")
    return value


Days = Annotated[float, Field(ge=1, le=36_500)]
Stores = Annotated[tuple[StoreChoice, ...], BeforeValidator(_stores), AfterValidator(_distinct)]
