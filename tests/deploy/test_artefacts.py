"""What stands in deploy/ is true: every setting, command and path in it exists, and it fits how a process stops."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import typer

from reelhook import settings
from reelhook.settings import OTHER_VARIABLES, PREFIX, Settings
from tests.deploy.artefacts import (
    COMPOSE,
    DEPLOY,
    DRAIN_S,
    FILES,
    NGINX,
    OURS,
    ROOT,
    STOPPED_S,
    UNITS,
    commands,
    container,
    kubernetes,
    of_kind,
    variables,
)

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
MOST_EXPOSED = 17
SECRETS = {
    "database_url": "postgresql://reelhook:pw@postgres/reelhook",
    "redis_url": "redis://valkey:6379/0",
    "secret_key": "k" * 64,
    "heygen_api_key": "",
    "cloudinary_url": "cloudinary://KEY:SECRET@CLOUD",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_every_variable_is_a_setting(path: Path) -> None:
    names = {name.removeprefix(PREFIX).removesuffix("_FILE") for name in variables(path)}
    assert {name for name in names if name.lower() not in Settings.model_fields} <= OTHER_VARIABLES


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_every_file_and_every_address_it_names_is_there(path: Path) -> None:
    said = path.read_text()
    files = {ROOT / name for name in re.findall(r"(?:deploy|docs)/[\w./-]+\.\w+", said)}
    assert [str(file) for file in files if not file.exists()] == []
    code = "".join(each.read_text() for each in (ROOT / "src").rglob("*.py"))
    addresses = re.findall(r"(/readyz|/healthz|/api/v1/[\w/-]+)", said)
    assert [address for address in addresses if address.removeprefix("/api/v1") not in code] == []


@pytest.mark.parametrize(("where", "words"), commands().items(), ids=commands().keys())
def test_every_command_can_be_given(where: str, words: list[str]) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    import_module(f"reelhook.cli.{words[0]}").register(app)
    group: Any = typer.main.get_command(app)
    group.commands[words[0]].make_context(words[0], words[1:])


def loaded(environment: Mapping[str, str], tmp_path: Path) -> Settings:
    """The settings of a process with this environment, where every secret is a file."""
    for name, value in SECRETS.items():
        (tmp_path / name).write_text(value)
    given = {}
    for name, value in environment.items():
        if name.endswith("_FILE"):
            given[name] = str(tmp_path / Path(value).name)
        else:
            given[name] = re.sub(r"\$\{\w+:\?.*\}", "https://reelhook.example.com", value)
    return settings.load(given)


@pytest.mark.parametrize("name", OURS)
def test_compose_processes_share_postgres_redis_and_a_key(name: str, tmp_path: Path) -> None:
    config = loaded(OURS[name]["environment"], tmp_path)
    assert config.database_url == SECRETS["database_url"]
    assert config.redis_url is not None
    assert [key.get_secret_value() for key in config.secret_key] == [SECRETS["secret_key"]]
    files = {Path(value).name for key, value in OURS[name]["environment"].items() if key.endswith("_FILE")}
    assert files == set(OURS[name]["secrets"])


def test_kubernetes_processes_do_too(tmp_path: Path) -> None:
    (shared,) = of_kind("ConfigMap")
    config = loaded(shared["data"], tmp_path)
    assert config.database_url == SECRETS["database_url"]
    assert config.redis_url is not None
    assert config.cloudinary_url is not None


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_give_the_secrets_they_load(unit: Path, tmp_path: Path) -> None:
    said = unit.read_text()
    environment = dict(re.findall(r"^Environment=(\w+)=(.+)$", said, re.MULTILINE))
    files = {Path(value).name for name, value in environment.items() if name.endswith("_FILE")}
    assert files == set(re.findall(r"^LoadCredential=(\w+):/etc/reelhook/\1$", said, re.MULTILINE))
    config = loaded(environment, tmp_path)
    assert (config.redis_url is None) == (config.sqlite_path is not None) == (unit.name == "reelhook.service")


def secrets_of(service: Mapping[str, Any]) -> list[str]:
    return [secret if isinstance(secret, str) else secret["source"] for secret in service.get("secrets", ())]


def test_compose_names_only_what_it_has() -> None:
    services = COMPOSE["services"]
    for name, service in services.items():
        assert set(service.get("depends_on", ())) <= set(services), name
        assert set(secrets_of(service)) <= set(COMPOSE["secrets"]), name
        assert "healthcheck" in service, name
        assert service["image"] == "reelhook" or re.search(r":v?\d", service["image"]), f"{name}: a version, not latest"
        named = [volume.split(":")[0] for volume in service.get("volumes", ())]
        assert {volume for volume in named if not volume.startswith(".")} <= set(COMPOSE["volumes"]), name
        mounted = [DEPLOY / volume.split(":")[0] for volume in service.get("volumes", ()) if volume.startswith(".")]
        assert [path for path in mounted if not path.exists()] == [], name
    used = {name for service in services.values() for name in secrets_of(service)}
    assert used == set(COMPOSE["secrets"])
    assert [name for name, service in OURS.items() if not service["read_only"] or service["cap_drop"] != ["ALL"]] == []


def test_compose_gives_nginx_the_names_of_its_containers() -> None:
    rewrite, _, _ = COMPOSE["services"]["nginx"]["command"][2].partition(" /reelhook.conf")
    written = subprocess.run(["sh", "-c", f"{rewrite} {NGINX}"], capture_output=True, text=True, check=True).stdout
    servers = re.findall(r"^\s*server (\S+?)[ ;]", written, re.MULTILINE)
    assert {"web-1:8080", "web-2:8080"} == set(servers)


def test_whoever_stops_a_process_waits_for_its_drain() -> None:
    assert Settings.model_fields["drain_s"].default == DRAIN_S
    for name, service in OURS.items():
        assert int(service["stop_grace_period"].removesuffix("s")) >= STOPPED_S, name
    for one in of_kind("Deployment"):
        assert one["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] >= STOPPED_S
    for unit in UNITS:
        said = unit.read_text()
        assert int(re.findall(r"^TimeoutStopSec=(\d+)$", said, re.MULTILINE)[0]) >= STOPPED_S
        assert "SuccessExitStatus=143" in said


@pytest.mark.parametrize("one", kubernetes(), ids=lambda one: f"{one['kind']} {one['metadata']['name']}")
def test_kubernetes_would_take_every_manifest(one: dict[str, Any]) -> None:
    kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize("one", of_kind("Deployment", "Job"), ids=lambda one: one["metadata"]["name"])
def test_every_pod_is_locked_up_and_has_what_it_mounts(one: dict[str, Any]) -> None:
    pod, only = one["spec"]["template"]["spec"], container(one)
    assert pod["securityContext"]["runAsNonRoot"]
    assert only["securityContext"]["readOnlyRootFilesystem"]
    assert not only["securityContext"]["allowPrivilegeEscalation"]
    assert {mount["name"] for mount in only["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    (shared,) = of_kind("ConfigMap")
    assert only["envFrom"] == [{"configMapRef": {"name": shared["metadata"]["name"]}}]
    (mount,) = (mount["mountPath"] for mount in only["volumeMounts"] if mount["name"] == "secrets")
    assert {str(Path(value).parent) for name, value in shared["data"].items() if name.endswith("_FILE")} == {mount}


def test_every_selector_finds_its_pods() -> None:
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in of_kind("Deployment")]
    for one in of_kind("Deployment", "Service", "PodDisruptionBudget"):
        selector = one["spec"]["selector"]
        wanted = selector.get("matchLabels", selector).items()
        assert [pod for pod in labels if wanted <= pod.items()], one["metadata"]["name"]
    (web,) = (container(one) for one in of_kind("Deployment") if one["metadata"]["name"] == "reelhook-web")
    (service,) = of_kind("Service")
    assert service["spec"]["ports"][0]["targetPort"] in {port["name"] for port in web["ports"]}
    assert (web["readinessProbe"]["httpGet"]["path"], web["livenessProbe"]["httpGet"]["path"]) == (
        "/readyz",
        "/healthz",
    )
    for ingress in of_kind("Ingress"):
        (path,) = ingress["spec"]["rules"][0]["http"]["paths"]
        assert path["backend"]["service"]["name"] == service["metadata"]["name"]
        again = "non_idempotent" in str(ingress["metadata"]["annotations"])
        assert again == path["path"].startswith("/webhooks"), "only webhooks may be sent twice"


def test_the_image_is_built_from_what_is_there() -> None:
    said = (DEPLOY / "Dockerfile").read_text()
    sources = [word for line in re.findall(r"^COPY (?!--)(.+)$", said, re.MULTILINE) for word in line.split()[:-1]]
    kept = set(re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE))
    assert set(sources) == kept
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert re.search(r"^USER [1-9]\d*:", said, re.MULTILINE)
    (strip,) = re.findall(r"^RUN (sed .+?) > tested.txt", said, re.MULTILINE)
    tested = subprocess.run(["sh", "-c", strip], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    lines = [line for line in tested.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[\w.\[\]-]+==\S+( ; .+)?", line)] == []


def test_compose_fits_its_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, str(DEPLOY / "compose.yaml")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_are_exposed_to_little(unit: Path, tmp_path: Path) -> None:
    """By systemd's own measure, of which 2 is the end of what it calls OK; its scale is ten times as long here."""
    copy = tmp_path / unit.name.replace("@.", "@8081.")
    copy.write_text(unit.read_text().replace("/opt/reelhook/bin/reelhook", str(shutil.which("true"))))
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(copy)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout.splitlines()[-1]


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    program = shutil.which("true")
    for unit in UNITS:
        said = unit.read_text().replace("/opt/reelhook/bin/reelhook", str(program))
        (tmp_path / unit.name.replace("@.", "@8081.")).write_text(said)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
