"""Our licence, and those of what the built web app contains: all go with the wheel."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WEB = ROOT / "frontend"
TOLD = (WEB / "LICENSES.md").read_text()
SECTIONS = dict(re.findall(r"^## (\S+)\n\n```text\n(.*?)\n```$", TOLD, re.MULTILINE | re.DOTALL))
OURS = {"reelhook-sdk"}


def imported() -> set[str]:
    """The packages that the web app's sources name."""
    sources = [path.read_text() for path in (WEB / "src").rglob("*") if path.suffix in {".ts", ".svelte"}]
    names = {name for text in sources for name in re.findall(r"(?:from|import) '([a-z@][^':]*)'", text)}
    return {"/".join(name.split("/")[: 2 if name.startswith("@") else 1]) for name in names}


def test_one_licence_is_named_everywhere() -> None:
    assert PROJECT["license"] == "Apache-2.0"
    assert (ROOT / "LICENSE").read_text().split()[:5] == ["Apache", "License", "Version", "2.0,", "January"]
    for package in ("frontend", "sdk"):
        assert '"license": "Apache-2.0"' in (ROOT / package / "package.json").read_text()
    assert "Licence: [Apache-2.0](LICENSE)" in (ROOT / "README.md").read_text()


def test_the_wheel_brings_them() -> None:
    assert PROJECT["license-files"] == ["LICENSE", "frontend/LICENSES.md"]


def test_what_the_web_app_imports_has_its_licence_told() -> None:
    assert {"svelte", "uplot"} <= imported()
    assert imported() - OURS <= set(SECTIONS)


@pytest.mark.parametrize("package", SECTIONS)
def test_a_licence_is_told_as_the_package_brings_it(package: str) -> None:
    folder = WEB / "node_modules" / package
    (file,) = (path for path in folder.iterdir() if path.name.lower().startswith("license"))
    assert " ".join(SECTIONS[package].split()) in " ".join(file.read_text().split())
