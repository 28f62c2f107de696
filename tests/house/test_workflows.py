"""The workflows of the repository: pinned, with few permissions, and running what exists for the Pythons we name."""

import re
import subprocess
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from scripts.release_notes import notes

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKFLOWS: dict[str, dict[str, Any]] = {file.stem: yaml.safe_load(file.read_text()) for file in FILES}
MAKEFILE = (ROOT / "Makefile").read_text()
PACKAGE, CHANGELOG = (
    '__version__ = "1.2.3"\n',
    "# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-12-31\n\n### Added\n- One.\n",
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_used_is_pinned_to_a_commit_whose_version_is_told(file: Path) -> None:
    used = re.findall(r"uses: (.+)", file.read_text())
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []
    pins = {one.partition("@")[0]: one for one in used}
    assert sorted(set(used)) == sorted(pins.values())


@pytest.mark.parametrize("name", WORKFLOWS)
def test_nothing_is_permitted_that_a_job_does_not_ask_for(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {}
    for job in WORKFLOWS[name]["jobs"].values():
        assert "permissions" in job
        assert job["timeout-minutes"] <= 90


def test_only_the_last_steps_of_a_release_may_write_and_none_of_them_builds() -> None:
    jobs = WORKFLOWS["release"]["jobs"]
    assert jobs["build"]["permissions"] == {"contents": "read"}
    writing = {name for name, job in jobs.items() if "write" in job["permissions"].values()}
    assert writing == {"attest", "publish", "announce"}
    for name in writing:
        assert not any("checkout" in step.get("uses", "") for step in jobs[name]["steps"])
    assert [jobs[name]["needs"] for name in ("attest", "publish", "announce")] == ["build", "attest", "publish"]
    assert jobs["publish"]["environment"] == "pypi"


def test_each_python_that_the_package_names_is_tried_and_the_lowest_versions_too() -> None:
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    named = sorted(found[1] for one in classifiers if (found := re.fullmatch(r".* :: (3\.\d+)", one)))
    jobs = WORKFLOWS["ci"]["jobs"]
    rows = jobs["versions"]["strategy"]["matrix"]["include"]
    assert sorted(row["python"] for row in rows if row["end"] == "newest") == named
    assert [row["python"] for row in rows if row["end"] == "lowest"] == named[:1]
    assert jobs["wheel"]["strategy"]["matrix"]["python"] == named
    assert set(jobs["required"]["needs"]) == set(jobs) - {"required"}
    assert jobs["required"]["steps"][0]["run"].count("success") == len(jobs) - 1


def test_what_they_run_exists() -> None:
    steps = [step for one in WORKFLOWS.values() for job in one["jobs"].values() for step in job["steps"]]
    said = "\n".join(step["run"] for step in steps if "run" in step)
    for name in [*re.findall(r"make ([a-z]+)", said), "lowest", "newest"]:
        assert re.search(rf"^([a-z]+ )*{name}\b.*:", MAKEFILE, re.MULTILINE), name
    for path in re.findall(r"(?:scripts|\.ci)/\w+(?:\.py)?", said):
        assert (ROOT / path).is_file(), path


def test_zizmor_finds_nothing_in_them() -> None:
    words = ["--offline", "--no-progress", "--strict-collection", "--pedantic", "--collect=all", ".github"]
    done = subprocess.run(
        [Path(sysconfig.get_path("scripts"), "zizmor"), *words], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_release_is_told_by_its_section_of_the_changelog() -> None:
    assert notes("v1.2.3", PACKAGE, CHANGELOG + "\n## 1.2.2 - 2026-12-01\n\n- Old.\n") == "### Added\n- One.\n"


@pytest.mark.parametrize(
    ("tag", "package", "changelog", "said"),
    [
        ("v1.2.4", PACKAGE, CHANGELOG, "the package says 1.2.3"),
        ("1.2.3", PACKAGE, CHANGELOG, "the package says 1.2.3"),
        ("v1.2.3", "", CHANGELOG, "the package says None"),
        ("v1.2.3", PACKAGE, CHANGELOG.replace("Unreleased\n", "Unreleased\n- Two.\n"), "under Unreleased"),
        ("v1.2.3", PACKAGE, CHANGELOG.replace("1.2.3", "1.2.2"), "the newest section"),
        ("v1.2.3", PACKAGE, CHANGELOG.replace(" - 2026-12-31", ""), "the newest section"),
        ("v1.2.3", PACKAGE, "# Changelog\n\n## Unreleased\n", "the newest section"),
    ],
)
def test_what_does_not_agree_is_not_released(tag: str, package: str, changelog: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        notes(tag, package, changelog)
