"""Makes sure that the Node programs which only tests need are there, where their packages can be had: the locked ones.

Each folder of `FOLDERS` has a package.json, a package-lock.json, and a few words about what is skipped without it. What
is an app is built, too.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hatch_build import content_digest, install, npm  # noqa: E402 - it is no installed module

FOLDERS = {
    "tests/oidc/provider": "the tests with a real OpenID Connect provider",
    "tests/browser/tools": "the tests with axe-core and Lighthouse",
    "examples/react": "the tests of the React example",
    "examples/vue": "the tests of the Vue example",
}


def ensure(folder: Path, what: str) -> None:
    """Install what the lock file of *folder* names and build what is an app, unless that was done already."""
    try:
        install(folder)
        if (folder / "vite.config.js").is_file():
            build(folder)
    except RuntimeError as error:
        print(str(error).strip().splitlines()[0])
        print(f"The packages of {folder.relative_to(ROOT)} could not be installed or built, so {what} are skipped.")


def build(app: Path) -> None:
    """Build *app* with the SDK as it is now. Raises RuntimeError that says what failed."""
    stamp = app / "dist" / ".stamp"
    wanted = content_digest(app) + content_digest(ROOT / "sdk")
    if not stamp.is_file() or stamp.read_text() != wanted:
        npm(app, "run", "build")
        stamp.write_text(wanted)


if __name__ == "__main__":
    for name, what in FOLDERS.items():
        ensure(ROOT / name, what)
