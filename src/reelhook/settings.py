"""Every setting, typed, in one object.

A setting is read from `REELHOOK_<NAME>`, from the file named by `REELHOOK_<NAME>_FILE`, or from the TOML file named by
`REELHOOK_CONFIG`, in this order. Lists are separated by commas.
"""

import difflib
import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from reelhook.errors import WrongSetting

PREFIX = "REELHOOK_"
# Variables with our prefix that are not settings of the service.
OTHER_VARIABLES = {"CONFIG", "SKIP_WEB"}


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _base_url(value: str | None) -> str | None:
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address like https://reelhook.example.com")
    return value.rstrip("/")


def _network(value: str) -> str:
    ipaddress.ip_network(value, strict=False)
    return value


Texts = Annotated[tuple[str, ...], BeforeValidator(_split)]
Networks = Annotated[tuple[Annotated[str, BeforeValidator(_network)], ...], BeforeValidator(_split)]
Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_split)]
BaseUrl = Annotated[str, BeforeValidator(_base_url)]


class StoreChoice(BaseModel):
    """One entry of STORES: `local:PATH` or `cloudinary`."""

    model_config = ConfigDict(frozen=True)
    kind: Literal["local", "cloudinary"]
    path: Path | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        kind, _, rest = text.partition(":")
        if kind == "local" and rest:
            return cls(kind="local", path=Path(rest))
        if text == "cloudinary":
            return cls(kind="cloudinary")
        raise ValueError(f"{text!r} is not a store; use local:PATH or cloudinary")


def _stores(value: object) -> object:
    parts = _split(value)
    if isinstance(parts, (tuple, list)):
        return tuple(StoreChoice.parse(part) if isinstance(part, str) else part for part in parts)
    return parts


class Settings(BaseModel):
    """What an operator may decide. The field's description is its documentation."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    database_url: str = Field("sqlite:///data/reelhook.db", description="SQLite file or Postgres database.")
    public_url: BaseUrl | None = Field(None, description="The address under which the world reaches this service.")
    secret_key: Secrets = Field((), description="Seals stored secrets and signs tokens; several, newest first.")
    heygen_api_key: SecretStr | None = Field(None, description="HeyGen API key. Without it, hints stay pending.")
    heygen_base_url: BaseUrl = Field("https://api.heygen.com", description="Where HeyGen's API answers.")
    heygen_webhook_secrets: Secrets = Field((), description="Secrets of HeyGen webhook endpoints, all alive at once.")
    stores: Annotated[tuple[StoreChoice, ...], BeforeValidator(_stores)] = Field(
        (StoreChoice(kind="local", path=Path("data/media")),),
        description="Where videos are kept, e.g. local:data/media,cloudinary. The first is the default.",
    )
    cloudinary_url: SecretStr | None = Field(None, description="cloudinary://KEY:SECRET@CLOUD")
    cloudinary_remote_fetch: bool = Field(
        False, description="Let Cloudinary fetch the video itself instead of relaying it; verified by length only."
    )
    ingest_allow: Networks = Field((), description="Networks that may post webhooks; empty: everybody.")
    trusted_proxies: Networks = Field((), description="Networks of proxies whose X-Forwarded-For is believed.")
    ingest_rate: float = Field(0, ge=0, description="Most webhooks a second for the whole service; 0: no limit.")
    ingest_wrong_rate: float = Field(5, ge=0, description="Most unsigned or wrong posts a second from one address.")
    fetch_allow: Texts = Field((), description="Private address:port pairs that fetches may reach.")
    metrics_allow: Networks = Field((), description="Networks that may read /metrics without a key.")
    streams_per_person: int = Field(8, ge=1, description="Open live streams one person or key may hold.")
    dedup_days: float = Field(7, ge=1, description="How long the keys that recognise repeats are kept.")
    drain_s: float = Field(20, ge=0, description="How long a stopping process waits for running jobs.")
    download_limit_s: float = Field(3600, gt=0, description="Longest time one download may take.")
    video_max_bytes: int = Field(20_000_000_000, gt=0, description="Largest video that is fetched.")
    worker_slots: int = Field(8, ge=1, description="Jobs that one process runs at the same time.")
    log_format: Literal["auto", "json", "console"] = Field("auto", description="auto: console on a terminal.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        try:
            dialect = make_url(self.database_url).get_backend_name()
        except ArgumentError:
            raise ValueError("DATABASE_URL must look like sqlite:///FILE or postgresql://HOST/NAME") from None
        if dialect not in ("sqlite", "postgresql"):
            raise ValueError(f"DATABASE_URL names {dialect}; use sqlite:///FILE or postgresql://HOST/NAME")
        if any(store.kind == "cloudinary" for store in self.stores) and self.cloudinary_url is None:
            raise ValueError("STORES names cloudinary, so CLOUDINARY_URL must be set")
        if not self.stores:
            raise ValueError("STORES must name at least one store, e.g. local:data/media")
        return self

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, or None when the database is a server."""
        url = make_url(self.database_url)
        return Path(url.database or "reelhook.db") if url.get_backend_name() == "sqlite" else None


def load(environ: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """The settings of this process. *given* values win. Raises *WrongSetting* with one line that names the culprit."""
    values = _from_toml(environ) | _from_environment(environ) | given
    try:
        return Settings(**values)
    except ValidationError as error:
        raise WrongSetting(_one_line(error)) from None


def _from_toml(environ: Mapping[str, str]) -> dict[str, Any]:
    path = environ.get(PREFIX + "CONFIG")
    if not path:
        return {}
    try:
        read = tomllib.loads(Path(path).read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WrongSetting(f"{PREFIX}CONFIG={path}: {error}") from None
    return {_known(name.upper(), f"{path}: {name}"): value for name, value in read.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable, value in sorted(environ.items(), reverse=True):  # NAME_FILE before NAME: the variable itself wins
        name = variable.removeprefix(PREFIX)
        if variable == name or name in OTHER_VARIABLES:
            continue
        if name.endswith("_FILE"):
            name, value = name.removesuffix("_FILE"), _content(variable, value)
        if value != "":
            values[_known(name, variable)] = value
    return values


def _content(variable: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise WrongSetting(f"{variable}={path} cannot be read: {error.strerror}") from None


def _known(name: str, shown: str) -> str:
    field = "stores" if name == "STORE" else name.lower()
    if field not in Settings.model_fields:
        near = difflib.get_close_matches(field, Settings.model_fields, 1)
        hint = f"; did you mean {PREFIX}{near[0].upper()}?" if near else "; `reelhook config` lists them all"
        raise WrongSetting(f"{shown} is not a setting{hint}")
    return field


def _one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    name = "_".join(str(part) for part in first["loc"][:1]).upper()
    return f"{PREFIX}{name}: {message}" if name else f"{PREFIX}{message}"


def masked(settings: Settings) -> dict[str, Any]:
    """Every setting by its name, ready to print: secrets are shown as asterisks, passwords in addresses too."""
    shown = settings.model_dump(mode="json")
    shown["database_url"] = make_url(settings.database_url).render_as_string(hide_password=True)
    shown["stores"] = [f"local:{store.path}" if store.path else store.kind for store in settings.stores]
    return {PREFIX + name.upper(): value for name, value in shown.items()}
