"""From the settings to the stores: which there are, and from where a browser loads what they keep."""

from reelhook.archive.stores.cloudinary_account import API, Account
from reelhook.archive.stores.local import LocalStore
from reelhook.archive.stores.store import Store
from reelhook.kit.clock import Clock
from reelhook.settings import Settings

MEDIA = "https://res.cloudinary.com"


def open_stores(config: Settings, clock: Clock) -> dict[str, Store]:
    """The stores of STORES by name, the default first. Raises *WrongSetting*."""
    found: dict[str, Store] = {}
    for choice in config.stores:
        if choice.path is not None:
            found[choice.kind] = LocalStore(choice.path)
        else:
            # Its SDK and what that needs are loaded where they are used.
            from reelhook.archive.stores.cloudinary import CloudinaryStore  # noqa: PLC0415

            assert config.cloudinary_url is not None, "settings refuse cloudinary in STORES without it"
            account = Account.parse(config.cloudinary_url.get_secret_value())
            found[choice.kind] = CloudinaryStore(account, clock, remote_fetch=config.cloudinary_remote_fetch)
    return found


def media_hosts(config: Settings) -> tuple[str, ...]:
    """The hosts, beside our own, from which the dashboard may load media."""
    if config.cloudinary_url is None:
        return ()
    prefix = Account.parse(config.cloudinary_url.get_secret_value()).prefix
    return (MEDIA if prefix == API else prefix,)
