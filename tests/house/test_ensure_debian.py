"""What the script says of programs it cannot get."""

import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "ensure_debian"


def said(folder: Path, *packages: str) -> str:
    """With only the programs in *folder*, so that there is no apt-get."""
    done = subprocess.run(
        ["/bin/bash", SCRIPT, *packages], env={"PATH": str(folder)}, capture_output=True, text=True, timeout=20
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def program(folder: Path, name: str, does: str = "") -> None:
    (folder / name).write_text(f"#!/bin/sh\n{does}\n")
    (folder / name).chmod(0o755)


def test_what_is_missing_is_named_with_what_is_skipped(tmp_path: Path) -> None:
    program(tmp_path, "id", "echo 1000")
    program(tmp_path, "chromium-browser")
    program(tmp_path, "promtool")
    assert said(tmp_path, "chromium", "prometheus") == (
        "No prometheus found, so its tests are skipped. To run them: apt-get install prometheus.\n"
    )


def test_nothing_is_said_of_what_is_there(tmp_path: Path) -> None:
    program(tmp_path, "promtool")
    program(tmp_path, "prometheus")
    assert said(tmp_path, "prometheus") == ""
