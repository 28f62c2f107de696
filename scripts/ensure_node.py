"""Makes sure that the Node programs which only tests need are there, where their packages can be had: the locked ones.

Each folder of `FOLDERS` has a package.json, a package-lock.json, and a few words about what is skipped without it.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hatch_build import install  # noqa: E402 - it is no installed module

FOLDERS = {
    "tests/oidc/provider": "the tests with a real OpenID Connect provider",
}


def ensure(folder: Path, what: str) -> None:
    """Install what the lock file of *folder* names, unless that was done already."""
    try:
        install(folder)
    except RuntimeError as error:
        print(str(error).strip().splitlines()[0])
        print(f"The packages of {folder.relative_to(ROOT)} could not be installed, so {what} are skipped.")


if __name__ == "__main__":
    for name, what in FOLDERS.items():
        ensure(ROOT / name, what)
