"""Every wrong setting stops the start with one line that names it; nothing secret is ever shown."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from reelhook import masking
from reelhook.errors import WrongSetting
from reelhook.settings import Settings, StoreChoice, load, masked


def env(**values: str) -> dict[str, str]:
    return {f"REELHOOK_{name}": value for name, value in values.items()}


def test_nothing_needs_to_be_set() -> None:
    settings = load({"HOME": "/root"})
    assert settings.sqlite_path == Path("data/reelhook.db")
    assert [store.kind for store in settings.stores] == ["local"]


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_values_are_read_and_typed() -> None:
    settings = load(
        env(
            DATABASE_URL="postgresql://host/name",
            PUBLIC_URL="https://reelhook.example.com/",
            SECRET_KEY=" new , old,",
            STORES="cloudinary, local:/media",
            CLOUDINARY_URL="cloudinary://k:s@c",
            INGEST_ALLOW="192.0.2.1,2001:db8::/32",
            FETCH_ALLOW="10.0.0.5:8443,[FD00:0::5]:80",
            INGEST_RATE="2.5",
            CLOUDINARY_REMOTE_FETCH="yes",
            DRAIN_S="",
        )
    )
    assert settings.sqlite_path is None
    assert settings.public_url == "https://reelhook.example.com"
    assert [key.get_secret_value() for key in settings.secret_key] == ["new", "old"]
    assert settings.stores == (StoreChoice(kind="cloudinary"), StoreChoice(kind="local", path=Path("/media")))
    assert settings.fetch_allow == ("10.0.0.5:8443", "[fd00::5]:80"), "as the guard of our fetches writes them"
    assert (settings.ingest_rate, settings.cloudinary_remote_fetch, settings.drain_s) == (2.5, True, 20)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATABASE_URL", "nonsense", "must look like sqlite:///FILE or postgresql://HOST/NAME"),
        ("DATABASE_URL", "mysql://host/name", "must look like .*, not mysql"),
        ("DATABASE_URL", "postgresql+asyncpg://h/n", "not postgresql.asyncpg"),
        ("DATABASE_URL", "postgresql://host:port/name", "must look like"),
        ("DATABASE_URL", "sqlite://", "kept in memory is lost"),
        ("DATABASE_URL", "sqlite:///:memory:", "kept in memory is lost"),
        ("PUBLIC_URL", "reelhook.example.com", "must be an address like https://"),
        ("PUBLIC_URL", "ftp://x", "must be an address like https://"),
        ("PUBLIC_URL", "https://user:pw@x", "must be an address like https://"),
        ("PUBLIC_URL", "https://x?y=z", "must be an address like https://"),
        ("PUBLIC_URL", "https://x:99999", "out of range"),
        ("HEYGEN_BASE_URL", "https://[", "Invalid IPv6"),
        ("STORES", "local", "'local' is not a store; use local:PATH, cloudinary or s3://BUCKET/PREFIX"),
        ("STORES", "s3://UPPER", "'s3://UPPER' is not a store"),
        ("STORES", "s3://b", "'s3://b' is not a store"),
        ("STORES", "s3://films/../x", "'s3://films/../x' is not a store"),
        ("STORES", "s3://films/a b", "'s3://films/a b' is not a store"),
        ("STORES", "s3://films,s3://others", "names s3 twice"),
        ("S3_ACCESS_KEY_ID", "AKID", "S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together"),
        ("S3_ENDPOINT", "r2.example.com", "must be an address like"),
        ("STORES", "dropbox:x", "'dropbox:x' is not a store"),
        ("STORES", ",", "must name at least one store"),
        ("STORES", "local:a,local:b", "names local twice"),
        ("STORES", "cloudinary", "so CLOUDINARY_URL must be set"),
        ("CLOUDINARY_URL", "cloudinary://hunter2", "must look like cloudinary://KEY:SECRET@CLOUD"),
        ("CLOUDINARY_URL", "https://hunter2:hunter2@x", "must look like cloudinary://"),
        ("INGEST_ALLOW", "10.0.0.0/8,home", "'home' does not appear to be"),
        ("TRUSTED_PROXIES", "10.0.0.0/99", "does not appear to be"),
        ("METRICS_ALLOW", "x", "does not appear to be"),
        ("CORS_ORIGINS", "https://a.example/path", "is not an origin, e.g. https://app.example.com"),
        ("EMBED_ORIGINS", "a.example", "is not an origin"),
        ("FETCH_HOSTS", "*.heygen.ai", "is not a host name, e.g. heygen.ai"),
        ("SMTP_URL", "https://u:hunter2@mail", "must look like smtp://"),
        ("OIDC_ISSUER", "https://id.example.com", "so OIDC_CLIENT_ID and PUBLIC_URL must be set"),
        ("OIDC_ROLE", "owner", "'viewer', 'operator' or 'admin'"),
        ("FETCH_ALLOW", "localhost:80", "'localhost:80' is not a numeric address:port"),
        ("FETCH_ALLOW", "10.0.0.1", "is not a numeric address:port"),
        ("INGEST_RATE", "-1", "greater than or equal to 0"),
        ("INGEST_RATE", "nan", "finite number"),
        ("INGEST_RATE", "inf", "finite number"),
        ("INGEST_WRONG_RATE", "many", "valid number"),
        ("STREAMS_PER_PERSON", "0", "greater than or equal to 1"),
        ("STREAMS_PER_PERSON", "1.5", "valid integer"),
        ("DEDUP_DAYS", "0", "greater than or equal to 1"),
        ("DRAIN_S", "-1", "greater than or equal to 0"),
        ("DOWNLOAD_LIMIT_S", "0", "greater than 0"),
        ("VIDEO_MAX_BYTES", "0", "greater than 0"),
        ("WORKER_SLOTS", "0", "greater than or equal to 1"),
        ("LOG_FORMAT", "xml", "'auto', 'json' or 'console'"),
        ("LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("LOG_LEVELS", "jobs=loud", "'loud' is not a level, e.g. jobs=debug"),
        ("LOG_LEVELS", "jobs", "'' is not a level"),
        ("LOG_LEVELS", "kitchen=debug", "'kitchen' is not a part that logs; the parts are analytics, api"),
        ("LOG_REDACT", "remote,a b", "'a b' is not the name of a field"),
        ("LOG_REDACT", "event", "'event' is not the name of a field that can be hidden"),
        ("CLOUDINARY_REMOTE_FETCH", "perhaps", "valid boolean"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(name: str, value: str, words: str) -> None:
    with pytest.raises(WrongSetting, match=words) as wrong:
        load(env(**{name: value}))
    assert wrong.value.message.startswith("REELHOOK_")
    assert name in wrong.value.message
    assert "\n" not in wrong.value.message
    assert "hunter2" not in wrong.value.message


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("DATABSE_URL", "REELHOOK_DATABSE_URL is not a setting; did you mean REELHOOK_DATABASE_URL?"),
        ("HEYGEN_KEY_FILE", "REELHOOK_HEYGEN_KEY_FILE is not a setting; did you mean REELHOOK_HEYGEN_API_KEY?"),
        ("XYZ", "REELHOOK_XYZ is not a setting; `reelhook config` lists them all"),
    ],
)
def test_a_slip_of_the_pen_is_noticed(name: str, hint: str) -> None:
    with pytest.raises(WrongSetting) as wrong:
        load(env(**{name: "/nowhere"}))
    assert wrong.value.message == hint


def test_variables_that_are_not_settings_are_left_alone() -> None:
    load(env(SKIP_WEB="1", CONFIG=""))


def test_store_is_a_list_of_one() -> None:
    assert load(env(STORE="local:/a,b")).stores == (StoreChoice(kind="local", path=Path("/a,b")),)
    with pytest.raises(WrongSetting, match="REELHOOK_STORES and STORE say the same; keep one"):
        load(env(STORE="local:a", STORES="local:b"))


def test_a_file_may_hold_the_value_and_the_variable_itself_wins(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from-file\n")
    key = lambda **values: load(env(**values)).heygen_api_key  # noqa: E731
    assert key(HEYGEN_API_KEY_FILE=str(file)) == SecretStr("from-file")
    assert key(HEYGEN_API_KEY_FILE=str(file), HEYGEN_API_KEY="given") == SecretStr("given")
    assert key(HEYGEN_API_KEY_FILE=str(file), HEYGEN_API_KEY="") == SecretStr("from-file")
    assert key(HEYGEN_API_KEY_FILE="") is None


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"REELHOOK_SECRET_KEY_FILE=.*none cannot be read: No such file"):
        load(env(SECRET_KEY_FILE=str(tmp_path / "none")))
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(WrongSetting, match=r"REELHOOK_SECRET_KEY_FILE=.*binary is no text"):
        load(env(SECRET_KEY_FILE=str(tmp_path / "binary")))


@pytest.fixture
def toml(tmp_path: Path) -> Any:
    def write(text: str | bytes) -> str:
        file = tmp_path / "reelhook.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(file)

    return write


def test_a_toml_file_gives_what_the_environment_does_not(toml: Any) -> None:
    path = toml(
        'drain_s = 3\nworker_slots = 2\nstores = ["local:/a"]\nheygen_api_key = ""\ncloudinary_remote_fetch = true'
    )
    settings = load(env(CONFIG=path, DRAIN_S="4"), worker_slots=9)
    assert (settings.drain_s, settings.worker_slots, settings.heygen_api_key) == (4, 9, None)
    assert settings.stores[0].path == Path("/a")
    assert load(env(CONFIG=toml('store = "local:/b"'))).stores[0].path == Path("/b")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("drain_s =", "REELHOOK_CONFIG=.*Invalid value"),
        (b"\xff", "REELHOOK_CONFIG=.*decode"),
        ("drain = 3", "drain is not a setting; did you mean REELHOOK_DRAIN_S"),
        ("drain_s = [1]", "REELHOOK_DRAIN_S: "),
        ("stores = [7]", "REELHOOK_STORES: "),
        ("stores = 7", "REELHOOK_STORES: "),
        ("ingest_allow = [7]", "REELHOOK_INGEST_ALLOW: .*string"),
        ("fetch_allow = [7]", "REELHOOK_FETCH_ALLOW: .*string"),
        ("public_url = 7", "REELHOOK_PUBLIC_URL: .*string"),
        ("database_url = 7", "REELHOOK_DATABASE_URL: .*string"),
        ("secret_key = 7", "REELHOOK_SECRET_KEY: "),
    ],
)
def test_a_wrong_toml_file_is_named_in_one_line(toml: Any, text: str | bytes, words: str) -> None:
    with pytest.raises(WrongSetting, match=words) as wrong:
        load(env(CONFIG=toml(text)))
    assert "\n" not in wrong.value.message


def test_a_toml_file_that_is_not_there_is_named() -> None:
    with pytest.raises(WrongSetting, match="REELHOOK_CONFIG=/none/x cannot be read: No such file"):
        load(env(CONFIG="/none/x"))


def test_what_is_printed_holds_no_secret() -> None:
    shown = masked(
        load(
            env(
                DATABASE_URL="postgresql://user:s3cret@host/name?sslpassword=s3cret&sslmode=require",
                SECRET_KEY="s3cret,s3cret2",
                HEYGEN_API_KEY="s3cret",
                HEYGEN_WEBHOOK_SECRETS="s3cret",
                CLOUDINARY_URL="cloudinary://key:s3cret@cloud",
                STORES="local:/media,cloudinary",
                SMTP_URL="smtp://user:s3cret@mail.example.com:587",
                OIDC_CLIENT_SECRET="s3cret",
                SENTRY_DSN="https://s3cret@sentry.example.com/1",
            )
        )
    )
    assert "s3cret" not in json.dumps(shown)
    assert shown.keys() == {f"REELHOOK_{name.upper()}" for name in Settings.model_fields}
    assert shown["REELHOOK_STORES"] == ["local:/media", "cloudinary"]
    assert "sslmode=require" in shown["REELHOOK_DATABASE_URL"]
    assert masked(load({}))["REELHOOK_DATABASE_URL"] == "sqlite:///data/reelhook.db"


@pytest.mark.parametrize("given", ["https://App.Example.com:443/", "https://app.example.com"])
def test_an_origin_is_kept_as_browsers_write_it(given: str) -> None:
    assert load(env(CORS_ORIGINS=given)).cors_origins == ("https://app.example.com",)


def test_levels_of_parts_and_hidden_fields_are_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "_held", masking._Held())
    found = load(env(LOG_LEVEL="warning", LOG_LEVELS="jobs=debug, ingest = error,", LOG_REDACT="Remote,error"))
    assert (found.log_level, found.log_levels) == ("warning", {"jobs": "debug", "ingest": "error"})
    assert found.log_redact == ("remote", "error")
    assert masking.scrub({"remote": 1, "other": 1}) == {"remote": "***", "other": 1}


@pytest.mark.parametrize(
    ("given", "bucket", "prefix", "shown"),
    [
        ("s3://films", "films", "", "s3://films"),
        ("s3://films/", "films", "", "s3://films"),
        ("s3://films.example/kept/here/", "films.example", "kept/here", "s3://films.example/kept/here"),
    ],
)
def test_a_bucket_is_named_with_or_without_a_prefix(given: str, bucket: str, prefix: str, shown: str) -> None:
    settings = load(env(STORES=given))
    assert settings.stores == (StoreChoice(kind="s3", bucket=bucket, prefix=prefix),)
    assert masked(settings)["REELHOOK_STORES"] == [shown]
