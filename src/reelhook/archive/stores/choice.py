"""From the settings to the stores: which there are, and from where a browser loads what they keep."""

from reelhook.archive.stores.cloudinary_account import API, Account
from reelhook.archive.stores.local import LocalStore
from reelhook.archive.stores.store import Store
from reelhook.errors import WrongSetting
from reelhook.kit.clock import Clock
from reelhook.settings import Settings

MEDIA = "https://res.cloudinary.com"


def open_stores(config: Settings, clock: Clock) -> dict[str, Store]:
    """The stores of STORES by name, the default first. Raises *WrongSetting*."""
    found: dict[str, Store] = {}
    for choice in config.stores:
        if choice.path is not None:
            found[choice.kind] = LocalStore(choice.path)
        elif choice.bucket is not None:
            found[choice.kind] = _s3(config, choice.bucket, choice.prefix)
        else:
            # Its SDK and what that needs are loaded where they are used.
            from reelhook.archive.stores.cloudinary import CloudinaryStore  # noqa: PLC0415

            assert config.cloudinary_url is not None, "settings refuse cloudinary in STORES without it"
            account = Account.parse(config.cloudinary_url.get_secret_value())
            found[choice.kind] = CloudinaryStore(account, clock, remote_fetch=config.cloudinary_remote_fetch)
    return found


def _s3(config: Settings, bucket: str, prefix: str) -> Store:
    try:
        from reelhook.archive.stores.s3 import S3Store  # noqa: PLC0415
        from reelhook.archive.stores.s3_bucket import Place  # noqa: PLC0415
    except ModuleNotFoundError as error:
        detail = f"REELHOOK_STORES names s3, which needs {error.name}: pip install 'reelhook[s3]'"
        raise WrongSetting(detail) from None
    key = config.s3_secret_access_key
    place = Place(
        bucket,
        prefix,
        endpoint=config.s3_endpoint,
        region=config.s3_region,
        key_id=config.s3_access_key_id,
        key=key.get_secret_value() if key else None,
    )
    return S3Store(place)


def media_hosts(config: Settings) -> tuple[str, ...]:
    """The hosts, beside our own, from which the dashboard may load media."""
    if config.cloudinary_url is None:
        return ()
    prefix = Account.parse(config.cloudinary_url.get_secret_value()).prefix
    return (MEDIA if prefix == API else prefix,)
