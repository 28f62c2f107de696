"""Every setting, typed, in one object.

A setting is read from `REELHOOK_<NAME>`, from the file named by `REELHOOK_<NAME>_FILE`, or from the TOML file named by
`REELHOOK_CONFIG`, in this order. Lists are separated by commas.
"""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from sqlalchemy.engine import URL, make_url

from reelhook.errors import WrongSetting
from reelhook.masking import hide_fields, never_show
from reelhook.setting_types import (
    AddressAndPort,
    AddressesAndPorts,
    BaseUrl,
    CloudinaryUrl,
    DatabaseUrl,
    Days,
    FieldNames,
    HostSuffixes,
    LogLevel,
    LogLevels,
    Mailbox,
    Networks,
    Origins,
    RedisUrl,
    Secrets,
    SmtpUrl,
    StoreChoice,
    Stores,
    Text,
)

PREFIX = "REELHOOK_"
# Variables with our prefix that are not settings of the service.
OTHER_VARIABLES = {"CONFIG", "SKIP_WEB"}


class Settings(BaseModel):
    """What an operator may decide. The field's description is its documentation."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)

    database_url: DatabaseUrl = Field("sqlite:///data/reelhook.db", description="SQLite file or Postgres database.")
    redis_url: RedisUrl | None = Field(
        None, description="redis://HOST:PORT/NUMBER, shared by all processes. Unset: there is one process."
    )
    public_url: BaseUrl | None = Field(None, description="The address under which the world reaches this service.")
    secret_key: Secrets = Field((), description="Seals stored secrets and signs tokens; several, newest first.")
    heygen_api_key: SecretStr | None = Field(None, description="HeyGen API key. Without it, hints stay pending.")
    heygen_base_url: BaseUrl = Field("https://api.heygen.com", description="Where HeyGen's API answers.")
    heygen_webhook_secrets: Secrets = Field((), description="Secrets of HeyGen webhook endpoints, all alive at once.")
    secret_overlap_h: float = Field(
        24, ge=0, description="How many hours a webhook secret is still taken after it was rotated."
    )
    stores: Stores = Field(
        (StoreChoice(kind="local", path=Path("data/media")),),
        description="Where videos are kept: local:PATH, cloudinary, s3://BUCKET/PREFIX. The first is the default.",
    )
    cloudinary_url: CloudinaryUrl | None = Field(None, description="cloudinary://KEY:SECRET@CLOUD")
    cloudinary_remote_fetch: bool = Field(
        False, description="Let Cloudinary fetch the video itself instead of relaying it; verified by length only."
    )
    s3_endpoint: BaseUrl | None = Field(
        None, description="Where a service that speaks S3 answers, such as R2 or MinIO; unset: Amazon."
    )
    s3_region: Text | None = Field(None, description="The bucket's region; unset: AWS_REGION, or us-east-1.")
    s3_access_key_id: Text | None = Field(
        None, description="The key for the bucket; unset: what AWS's own tools would find, such as a machine's role."
    )
    s3_secret_access_key: SecretStr | None = Field(None, description="The secret of that key.")
    ingest_allow: Networks = Field((), description="Networks that may post webhooks; empty: everybody.")
    ingest_allow_mode: Literal["enforce", "observe"] = Field(
        "enforce", description="observe: let in what INGEST_ALLOW does not name, and count it."
    )
    trusted_proxies: Networks = Field((), description="Networks of proxies whose X-Forwarded-For is believed.")
    ingest_rate: float = Field(0, ge=0, description="Most webhooks a second for the whole service; 0: no limit.")
    ingest_wrong_rate: float = Field(5, ge=0, description="Most unsigned or wrong posts a second from one address.")
    api_rate: float = Field(
        50, ge=0, le=1_000_000, description="Most API requests a second of one person or key; 0: no limit."
    )
    fetch_allow: AddressesAndPorts = Field(
        (), description="address:port pairs that fetches may reach although private, or not at a port of the web."
    )
    fetch_hosts: HostSuffixes = Field(
        (), description="Hosts, with all below them, that videos are fetched from; empty: every public host."
    )
    cors_origins: Origins = Field((), description="Origins whose pages may call the API and the stream with a token.")
    embed_origins: Origins = Field((), description="Origins whose pages may show Reelhook in a frame.")
    smtp_url: SmtpUrl | None = Field(
        None, description="smtp://USER:PASSWORD@HOST:587 (STARTTLS) or smtps://…:465, for e-mail to people."
    )
    mail_from: Mailbox = Field("Reelhook <reelhook@localhost>", description="The sender of that e-mail.")
    oidc_issuer: BaseUrl | None = Field(None, description="OpenID Connect provider by which people may sign in.")
    oidc_client_id: Text | None = Field(None, description="What the provider calls this service.")
    oidc_client_secret: SecretStr | None = Field(None, description="The secret it gave out; none for a public client.")
    oidc_name: Text = Field("single sign-on", description="What the button says: Sign in with …")
    oidc_role: Literal["viewer", "operator", "admin"] | None = Field(
        None, description="Role of people who come by OIDC for the first time; unset: only those who were invited."
    )
    sentry_dsn: SecretStr | None = Field(None, description="Where crashes are reported, freed of secrets.")
    tracing: bool = Field(
        False, description="Tell an OpenTelemetry collector of each unit of work; OTEL_… variables say where it is."
    )
    metrics_allow: Networks = Field((), description="Networks that may read /metrics without a key.")
    metrics_bind: AddressAndPort | None = Field(
        None, description="address:port at which `worker` serves /metrics and the probes; unset: nowhere."
    )
    stream_compression: Literal["off", "gzip"] = Field(
        "off", description="gzip: live streams are compressed, once for all, for clients that can read it."
    )
    streams_per_person: int = Field(
        8,
        ge=1,
        description="Open live streams one person may hold, on all servers together. API keys may hold any number.",
    )
    dedup_days: Days = Field(7, description="How long the keys that recognise repeats are kept.")
    event_days: Days = Field(90, description="How long events, their deliveries and reconciliations are kept.")
    most_events: int = Field(1_000_000, ge=1, description="Most events that are kept, the newest.")
    rejection_days: Days = Field(30, description="How long rejections are kept.")
    most_rejections: int = Field(50_000, ge=1, description="Most rejections that are kept, the newest.")
    timeline_days: Days = Field(365, description="How long the timeline of a finished video is kept.")
    stream_days: Days = Field(7, description="How long a browser may be away and still get what it missed.")
    most_updates: int = Field(500_000, ge=1, description="Most updates that are kept for browsers, the newest.")
    outgoing_days: Days = Field(30, description="How long outgoing webhooks and how they fared are kept.")
    incident_days: Days = Field(365, description="How long incidents that are resolved are kept.")
    error_days: Days = Field(90, description="How long errors are kept that do not happen any more.")
    notification_days: Days = Field(90, description="How long it is kept what people were told.")
    analytics_days: Days = Field(730, description="How long the numbers behind the charts are kept.")
    job_days: Days = Field(14, description="How long jobs that are done or discarded are kept.")
    audit_days: Days = Field(730, description="How long the audit log is kept.")
    give_up_h: float = Field(24, gt=0, description="Hours after which a video that HeyGen never finishes has failed.")
    drain_s: float = Field(20, ge=0, description="Seconds that a stopping process still serves, and waits for jobs.")
    download_limit_s: float = Field(3600, gt=0, description="Longest time one download may take.")
    video_max_bytes: int = Field(20_000_000_000, gt=0, description="Largest video that is fetched.")
    worker_slots: int = Field(8, ge=1, description="Jobs that one process runs at the same time.")
    log_format: Literal["auto", "json", "console"] = Field("auto", description="auto: console on a terminal.")
    log_level: LogLevel = Field("info", description="The least that is logged: debug, info, warning or error.")
    log_levels: LogLevels = Field({}, description="The same for single parts, e.g. jobs=debug,ingest=warning.")
    log_redact: FieldNames = Field((), description="Fields that are hidden in logs besides secrets, e.g. remote.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if any(store.kind == "cloudinary" for store in self.stores) and self.cloudinary_url is None:
            raise ValueError("STORES names cloudinary, so CLOUDINARY_URL must be set")
        if (self.s3_access_key_id is None) != (self.s3_secret_access_key is None):
            raise ValueError("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together")
        if self.oidc_issuer is not None and (self.oidc_client_id is None or self.public_url is None):
            raise ValueError("OIDC_ISSUER is set, so OIDC_CLIENT_ID and PUBLIC_URL must be set")
        return self

    @property
    def sends_mail(self) -> bool:
        """Whether people can be written to. Every letter has a link, so our own address must be known too."""
        return self.smtp_url is not None and self.public_url is not None

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, or None when the database is a server."""
        url = make_url(self.database_url)
        return Path(str(url.database)) if url.drivername == "sqlite" else None


def load(environ: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """The settings of this process. *given* values win. Raises *WrongSetting* with one line that names the culprit."""
    values = _from_toml(environ) | _from_environment(environ) | given
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise WrongSetting(_one_line(error)) from None
    never_show(*secrets_of(settings))
    hide_fields(*settings.log_redact)
    return settings


def secrets_of(settings: Settings) -> Iterator[str]:
    """Every secret in *settings*, of addresses the part that is secret."""
    for value in vars(settings).values():
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, SecretStr):
                yield from _secret_parts(one.get_secret_value())
    yield from _secret_parts(settings.database_url)


def _secret_parts(text: str) -> Iterator[str]:
    """Of an address its password, as written and as meant, and the user name where that is the secret (a DSN)."""
    if "://" not in text:
        yield text
        return
    parts = urlsplit(text)
    secret = parts.password or (parts.username if parts.scheme in ("http", "https") else None)
    if secret:
        yield from (secret, unquote(secret))


def _from_toml(environ: Mapping[str, str]) -> dict[str, Any]:
    path = environ.get(PREFIX + "CONFIG")
    if not path:
        return {}
    try:
        read = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongSetting(f"{PREFIX}CONFIG={path} cannot be read: {error.strerror}") from None
    except ValueError as error:  # no TOML, no UTF-8
        raise WrongSetting(f"{PREFIX}CONFIG={path}: {error}") from None
    return _collected({f"{path}: {name}": (name.upper(), value) for name, value in read.items()})


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    ours = {name: value for name, value in environ.items() if name.startswith(PREFIX)}
    plain: dict[str, tuple[str, Any]] = {}
    filed: dict[str, tuple[str, Any]] = {}
    for variable, value in sorted(ours.items()):
        name = variable.removeprefix(PREFIX)
        if name in OTHER_VARIABLES:
            continue
        if name.endswith("_FILE"):
            name = name.removesuffix("_FILE")
            _known(name, variable)
            filed[variable] = name, _content(variable, value)
        else:
            plain[variable] = name, value
    return _collected(filed) | _collected(plain)


def _collected(found: Mapping[str, tuple[str, Any]]) -> dict[str, Any]:
    """Values by field, from names as they are shown and written. An empty text is a setting that is not set."""
    values: dict[str, Any] = {}
    for shown, (name, value) in found.items():
        field = _known(name, shown)
        if value == "":
            continue
        if field in values:
            raise WrongSetting(f"{shown} and STORE say the same; keep one of them")
        values[field] = (value,) if name == "STORE" else value  # a list of one, commas in its path and all
    return values


def _content(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip() if path else ""
    except OSError as error:
        raise WrongSetting(f"{variable}={path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WrongSetting(f"{variable}={path} is no text in UTF-8") from None


def _known(name: str, shown: str) -> str:
    """The field of the setting *name*, or a *WrongSetting* that guesses what was meant."""
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
    shown["database_url"] = _without_password(make_url(settings.database_url))
    shown["stores"] = [str(store) for store in settings.stores]
    return {PREFIX + name.upper(): value for name, value in shown.items()}


def _without_password(url: URL) -> str:
    """libpq takes a password in the query as well."""
    hidden = {name: "***" for name in url.query if "password" in name}
    return url.update_query_dict(hidden).render_as_string(hide_password=True)
