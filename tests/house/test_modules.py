"""Every module of ours can be read, by itself and with every extra there."""

import pkgutil
from importlib import import_module

import reelhook

NOT_BY_HAND = ("reelhook.db.migrations.", "reelhook.__main__", "reelhook.simulators.__main__")


def test_every_module_can_be_read() -> None:
    names = [found.name for found in pkgutil.walk_packages(reelhook.__path__, "reelhook.")]
    read = [import_module(name) for name in names if not name.startswith(NOT_BY_HAND)]
    assert len(read) > 300
