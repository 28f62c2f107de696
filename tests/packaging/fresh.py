"""Fresh environments, made without a registry: a package of ours, and of what is here only what it says it needs."""

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement


def fresh(folder: Path, wheel: Path, needed: Iterable[str]) -> Path:
    """A new environment in *folder* with *wheel* in it and, of this environment, what *needed* needs; returns its bin/.

    What is not named there is not there: a dependency that was forgotten fails as it would at a stranger's.
    """
    venv.create(folder, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    for one in closure(needed):
        lend(one, packages)
    at_its_place = ("--python", str(folder / "bin" / "python"))
    quietly = ("-q", "--disable-pip-version-check", "--no-deps", "--no-index")
    subprocess.run([sys.executable, "-m", "pip", *at_its_place, "install", *quietly, str(wheel)], check=True)
    return folder / "bin"


def closure(needed: Iterable[str]) -> list[Distribution]:
    """Every distribution of this environment that these requirements lead to."""
    found: dict[tuple[str, str], Distribution] = {}
    todo = [(Requirement(text), "") for text in needed]
    while todo:
        wanted, extra_of_asker = todo.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra_of_asker}):
            continue
        one = distribution(wanted.name)
        for extra in ("", *wanted.extras):
            if (one.name, extra) not in found:
                found[one.name, extra] = one
                todo += [(Requirement(text), extra) for text in one.requires or ()]
    return [one for (_, extra), one in found.items() if not extra]


def lend(one: Distribution, packages: Path) -> None:
    """Have all of *one* in *packages* too, by links to its folders and files."""
    for top in {file.parts[0] for file in one.files or ()} - {"..", "__pycache__"}:
        (packages / top).symlink_to(Path(str(one.locate_file(top))))
