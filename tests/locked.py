"""Whether requirements.lock says what is installed here: `make lowest` and `make newest` have other versions."""

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements.lock"
LINE = re.compile(r"^([\w.-]+)(?:\[[^]]*\])?==([^ ;\\]+)", re.MULTILINE)


def differing(*names: str) -> list[str]:
    """Packages, of all or of *names*, that are installed in another version than the locked one."""
    locked = LINE.findall(LOCK.read_text())
    wanted = set(names) or {name for name, _ in locked}
    assert wanted <= {name for name, _ in locked}
    right = {name for name, pinned in locked if _installed(name) in (None, pinned)}
    return sorted(wanted - right)


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
