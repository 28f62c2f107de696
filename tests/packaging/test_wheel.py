"""What is released: a wheel that needs no Node and no compiler, and an sdist from which the same wheel is made."""

import email
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import httpx2 as httpx
import pytest

from reelhook import __version__
from tests.packaging.fresh import fresh
from tests.processes import COMMAND_LIMIT_S, STOP_LIMIT_S, clean_environment, free_port, wait_until

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NOBODY = "http://127.0.0.1:9"
# A registry that nobody is at: whoever asks it fails.
ALONE = {"npm_config_offline": "true", "npm_config_fetch_retries": "0", "npm_config_registry": NOBODY, "NODE_PATH": ""}
CONSUMER = """
from reelhook import HeyGenEvent, InvalidSignature, parse_event, verify_signature

def receive(body: bytes) -> HeyGenEvent | None:
    try:
        verify_signature(body, {"signature": ""}, ["whsec_x"])
    except InvalidSignature as error:
        print(error.explain().reason)
        return None
    return parse_event(body)

reveal_type(parse_event(b"").videos[0].url)
"""


def run(*words: str | Path, at: Path, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=at, env=environment or clean_environment(), capture_output=True, text=True, timeout=COMMAND_LIMIT_S
    )


def build(source: Path, target: Path, *kinds: str) -> None:
    words: tuple[str | Path, ...] = ("-m", "hatchling", "build", "-d", target, *kinds)
    done = run(sys.executable, *words, at=source, environment=clean_environment() | ALONE)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the sdist of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(released: Path) -> Path:
    return released / f"reelhook-{__version__}-py3-none-any.whl"


@pytest.fixture(scope="module")
def home(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin/ of an environment with the wheel and what it says it needs, far from the checkout."""
    return fresh(tmp_path_factory.mktemp("stranger") / "venv", wheel, PROJECT["dependencies"])


def contents(wheel: Path) -> dict[str, int]:
    with zipfile.ZipFile(wheel) as archive:
        return {one.filename: one.CRC for one in archive.infolist()}


def test_the_wheel_holds_the_package_alone_and_all_of_it(wheel: Path) -> None:
    names = set(contents(wheel))
    info = f"reelhook-{__version__}.dist-info"
    assert {name.partition("/")[0] for name in names} == {"reelhook", info}
    source = ROOT / "src"
    modules = {str(path.relative_to(source)) for path in source.rglob("*") if path.suffix in {".py", ".typed", ".mako"}}
    assert modules <= names
    web = ("index.html", "sw.js", "manifest.webmanifest", "sdk/v1.js")
    assert {f"reelhook/dashboard/static/{name}" for name in web} <= names
    assert {f"{info}/licenses/{name}" for name in PROJECT["license-files"]} <= names


def test_any_python_that_it_names_takes_it_without_a_compiler(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        info = f"reelhook-{__version__}.dist-info"
        about = email.message_from_bytes(archive.read(f"{info}/METADATA"))
        assert "Root-Is-Purelib: true" in archive.read(f"{info}/WHEEL").decode()
    assert not [name for name in contents(wheel) if name.endswith((".so", ".c", ".pyc"))]
    assert about["License-Expression"] == "Apache-2.0"
    assert about["Requires-Python"] == ">=3.11"
    told = [one for one in about.get_all("Classifier") or [] if re.fullmatch(r".* :: 3\.\d+", one)]
    assert [one.rpartition(" ")[2] for one in told] == ["3.11", "3.12", "3.13"]
    assert set(about.get_all("Provides-Extra") or []) == {"chat", "dev", "otel", "postgres", "redis", "s3", "sentry"}


def test_the_sdist_makes_the_same_wheel_without_node(released: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(released / f"reelhook-{__version__}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    build(tmp_path / f"reelhook-{__version__}", tmp_path / "dist", "-t", "wheel")
    assert contents(tmp_path / "dist" / wheel.name) == contents(wheel)


def test_the_demo_runs_where_nothing_but_the_wheel_is(home: Path, tmp_path: Path) -> None:
    run = {
        "cwd": tmp_path,
        "env": clean_environment(),
        "capture_output": True,
        "text": True,
        "timeout": COMMAND_LIMIT_S,
    }
    assert subprocess.run([home / "reelhook", "--version"], **run).stdout.strip() == __version__  # type: ignore[call-overload]
    done = subprocess.run([home / "reelhook", "demo", "--once", "--json"], **run)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["totals"]["lost"] == 0


@pytest.fixture
def served(home: Path, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    with (tmp_path / "log").open("wb") as log:
        command: list[str | Path] = [home / "reelhook", "serve", "--port", str(port)]
        process = subprocess.Popen(command, cwd=tmp_path, env=clean_environment(drain_s=0), stdout=log, stderr=log)

        def alive() -> bool:
            assert process.poll() is None, (tmp_path / "log").read_text()
            with suppress(httpx.TransportError):
                return bool(httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).is_success)
            return False

        try:
            wait_until(alive, what="the start")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(STOP_LIMIT_S)


def test_it_serves_the_web_app_and_the_embeddable_client(served: str) -> None:
    page = httpx.get(served).text
    for path in re.findall(r'(?:src|href)="(/assets/[^"]+)"', page) or pytest.fail(page):
        assert httpx.get(served + path).is_success
    assert "reelhook-video" in httpx.get(f"{served}/sdk/v1.js").text


@pytest.mark.parametrize(
    ("extra", "setting", "value"),
    [
        ("postgres", "DATABASE_URL", "postgresql://127.0.0.1:9/x"),
        ("redis", "REDIS_URL", "redis://127.0.0.1:9/0"),
        ("otel", "TRACING", "true"),
        ("sentry", "SENTRY_DSN", "http://key@127.0.0.1:9/1"),
    ],
)
def test_who_needs_an_extra_is_told_which(home: Path, tmp_path: Path, extra: str, setting: str, value: str) -> None:
    environment = clean_environment(**{setting: value, "secret_key": "k" * 40})
    done = run(home / "reelhook", "serve", "--port", str(free_port()), at=tmp_path, environment=environment)
    assert done.returncode == 1
    assert f"reelhook[{extra}]" in done.stderr


def test_the_library_alone_is_content_with_orjson_and_typed(wheel: Path, tmp_path: Path) -> None:
    python = fresh(tmp_path / "venv", wheel, ["orjson"]) / "python"
    program = tmp_path / "consumer.py"
    program.write_text(CONSUMER)
    words = ("-m", "mypy", "--strict", "--config-file", os.devnull, "--python-executable", python, program)
    told = run(sys.executable, *words, at=tmp_path).stdout
    assert 'Revealed type is "str | None"' in told, told
    assert "Success" in told, told
    program.write_text(CONSUMER.replace("reveal_type", "print"))
    done = run(python, program, at=tmp_path)
    assert "IndexError" in done.stderr, done.stderr  # there is no video in nothing
