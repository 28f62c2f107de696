"""The key that seals everything is made once, whole, and for our eyes only."""

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from reelhook.db.secret_key import secret_keys
from reelhook.errors import WrongSetting
from reelhook.kit.ids import Ids
from reelhook.settings import Settings


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{tmp_path / 'data' / 'reelhook.db'}")


def key_file(config: Settings) -> Path:
    assert config.sqlite_path is not None
    return config.sqlite_path.with_name("reelhook.db.key")


def test_it_is_made_at_the_first_start_and_kept(config: Settings) -> None:
    first = secret_keys(config, Ids())
    assert secret_keys(config, Ids()) == first
    assert len(first[0]) == 64
    assert stat.S_IMODE(key_file(config).stat().st_mode) == 0o600


def test_a_crash_while_it_was_made_leaves_no_half_key(config: Settings) -> None:
    class Crash(Ids):
        def token(self, size: int = 24) -> str:
            raise SystemExit

    with pytest.raises(SystemExit):
        secret_keys(config, Crash())
    unfinished = key_file(config).with_name("reelhook.db.key.new")
    unfinished.write_text("")
    assert not key_file(config).exists()
    assert len(secret_keys(config, Ids())[0]) == 64
    assert not unfinished.exists()


def test_an_empty_key_file_seals_nothing(config: Settings) -> None:
    key_file(config).parent.mkdir()
    key_file(config).write_text("\n")
    with pytest.raises(WrongSetting, match=r"reelhook\.db\.key is empty"):
        secret_keys(config, Ids())


def test_a_key_file_that_cannot_be_used_is_named(config: Settings) -> None:
    key_file(config).mkdir(parents=True)
    with pytest.raises(WrongSetting, match=r"reelhook\.db\.key cannot be used: Is a directory"):
        secret_keys(config, Ids())


def test_given_keys_are_used_and_postgres_needs_them(config: Settings) -> None:
    given = (SecretStr("new"), SecretStr("old"))
    assert secret_keys(config.model_copy(update={"secret_key": given}), Ids()) == ("new", "old")
    assert not key_file(config).exists()
    with pytest.raises(WrongSetting, match="REELHOOK_SECRET_KEY must be set with Postgres"):
        secret_keys(Settings(database_url="postgresql://127.0.0.1/reelhook"), Ids())
