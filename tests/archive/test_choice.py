"""From STORES to the stores."""

from pathlib import Path

import pytest

from reelhook import settings
from reelhook.archive import LocalStore
from reelhook.archive.stores.choice import media_hosts, open_stores
from reelhook.archive.stores.cloudinary import CloudinaryStore
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
