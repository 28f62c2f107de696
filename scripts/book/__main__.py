"""Makes the site: `python -m scripts.book [FOLDER]`, in build/book/site where no folder is named."""

import shutil
import subprocess
import sys
from pathlib import Path

from scripts.book.staging import ROOT, Stage

CONFIG = Path(__file__).parent / "zensical.toml"
LOOK = Path(__file__).parent / "book.css"


def build(folder: Path) -> int:
    """Make the site in `site/` of *folder*. Returns the exit code of who made it, which said what was wrong."""
    Stage(folder / "docs").lay()
    shutil.copyfile(CONFIG, folder / CONFIG.name)
    shutil.copyfile(LOOK, folder / "docs" / LOOK.name)
    zensical = str(Path(sys.executable).parent / "zensical")
    command = [zensical, "build", "--strict", "--clean"]
    return subprocess.run(command, cwd=folder, check=False).returncode  # noqa: S603 - a command of ours


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "build" / "book"))
