"""From STORES to the stores."""

import sys
from pathlib import Path

import pytest

from reelhook import settings
from reelhook.archive import LocalStore
from reelhook.archive.stores.choice import media_hosts, open_stores
from reelhook.archive.stores.cloudinary import CloudinaryStore
from reelhook.archive.stores.s3 import S3Store
from reelhook.archive.stores.s3_bucket import Place
from reelhook.errors import WrongSetting
from reelhook.kit.clock import SystemClock

CLOUD = "cloudinary://k:s@c"


def test_the_first_store_is_the_default(tmp_path: Path) -> None:
    config = settings.load({}, stores=f"cloudinary,local:{tmp_path}", cloudinary_url=CLOUD)
    stores = open_stores(config, SystemClock())
    assert [(name, type(store)) for name, store in stores.items()] == [
        ("cloudinary", CloudinaryStore),
        ("local", LocalStore),
    ]
    for store in stores.values():
        store.close()


def test_a_bucket_is_opened_with_what_the_settings_say() -> None:
    config = settings.load(
        {}, stores="s3://films/kept", s3_endpoint="https://s3.test", s3_access_key_id="AKID", s3_secret_access_key="x"
    )
    (store,) = open_stores(config, SystemClock()).values()
    assert isinstance(store, S3Store)
    assert store.place == Place("films", "kept", "https://s3.test", None, "AKID", "x")
    assert media_hosts(config) == (), "browsers get its files from us"


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("obstore", "reelhook.archive.stores.s3"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(WrongSetting, match=r"names s3, which needs obstore: pip install 'reelhook\[s3\]'"):
        open_stores(settings.load({}, stores="s3://films"), SystemClock())


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        (None, ()),
        (CLOUD, ("https://res.cloudinary.com",)),
        (f"{CLOUD}?upload_prefix=http://127.0.0.1:9", ("http://127.0.0.1:9",)),
    ],
)
def test_browsers_may_load_from_the_stores_hosts(url: str | None, hosts: tuple[str, ...]) -> None:
    assert media_hosts(settings.load({}, cloudinary_url=url)) == hosts
