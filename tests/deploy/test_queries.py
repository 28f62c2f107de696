"""Every query of the dashboards and rules, asked of a real Prometheus that reads a real service."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
import yaml

from tests.deploy import alerts, boards
from tests.deploy.artefacts import DEPLOY
from tests.processes import Service, free_port, simulators, wait_until

PROMETHEUS = shutil.which("prometheus")
pytestmark = pytest.mark.skipif(PROMETHEUS is None, reason="no prometheus here: apt-get install prometheus")
OFTEN = "200ms"


@dataclass(frozen=True, slots=True)
class Prometheus:
    """One that runs."""

    client: httpx.Client

    def get(self, path: str, **parameters: str) -> Any:
        answer = self.client.get(f"/api/v1{path}", params=parameters)
        assert answer.status_code == 200, f"{parameters}: {answer.text}"
        return answer.json()["data"]

    def ask(self, query: str) -> list[dict[str, Any]]:
        return list(self.get("/query", query=query)["result"])

    def ready(self) -> bool:
        with suppress(httpx.TransportError):
            return self.client.get("/-/ready").is_success
        return False

    def has_read(self) -> bool:
        return bool(self.ask("reelhook:objective:missed30d") and self.ask("count_over_time(up[1m]) > 5"))


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """It is started first: it takes five seconds until it looks for the first time."""
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    with reading(port, folder) as found, served(port, folder):
        wait_until(found.ready, what="a Prometheus")
        wait_until(found.has_read, what="something read")
        yield found


@contextmanager
def reading(port: int, folder: Path) -> Iterator[Prometheus]:
    """A Prometheus with our own settings, in a hurry."""
    ours = shutil.copytree(DEPLOY / "prometheus", folder / "ours")
    settings = yaml.safe_load((ours / "prometheus.yml").read_text())
    settings["global"] = {"scrape_interval": OFTEN, "evaluation_interval": OFTEN, "scrape_timeout": OFTEN}
    (ours / "prometheus.yml").write_text(yaml.safe_dump(settings))
    for rules in (ours / "rules").iterdir():
        rules.write_text(re.sub(r"interval: \w+", f"interval: {OFTEN}", rules.read_text()))
    (ours / "targets.yml").write_text(yaml.safe_dump([{"targets": [f"127.0.0.1:{port}"]}]))
    at = f"127.0.0.1:{free_port()}"
    command = [
        str(PROMETHEUS),
        f"--config.file={ours / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={at}",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        with httpx.Client(base_url=f"http://{at}", timeout=15) as client:
            yield Prometheus(client)
    finally:
        process.kill()
        process.wait()


def key_for_metrics(service: Service) -> str:
    """One that may do nothing else."""
    wanted = {"name": "prometheus", "role": "operator", "scopes": ["metrics"]}
    with service.local() as local:
        return str(local.post("/api/v1/keys", json=wanted).raise_for_status().json()["key"])


@contextmanager
def served(port: int, folder: Path) -> Iterator[None]:
    """A service through which a video went, that refused something, and at which somebody looks."""
    with simulators(0.1) as heygen:
        service = Service(folder, heygen.settings(), port).introduce(heygen)
        try:
            with service.client() as client, client.stream("GET", "/api/v1/stream") as stream:
                (folder / "ours" / "reelhook_key").write_text(key_for_metrics(service))
                assert stream.status_code == 200
                assert service.post({}, secret="wrong").status_code == 401
                wanted = {"heygen": {"type": "avatar", "avatar_id": "a", "voice_id": "v", "script": "Hello."}}
                video = client.post("/api/v1/videos", json=wanted).raise_for_status().json()["id"]
                wait_until(lambda: client.get(f"/api/v1/videos/{video}").json()["state"] == "ready", what="a video")
                yield
        finally:
            service.stop()


@pytest.fixture(scope="module")
def told(prometheus: Prometheus) -> set[str]:
    """Every metric that the service tells of, those without a value yet too."""
    families = {family["metric"]: family["type"] for family in prometheus.get("/targets/metadata")}
    parts = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}
    return {name + part for name, type_ in families.items() for part in parts.get(type_, ("",))}


@pytest.fixture(scope="module")
def there(prometheus: Prometheus) -> set[str]:
    """Every metric that has a value."""
    return set(prometheus.get("/label/__name__/values"))


def test_every_rule_can_be_evaluated(prometheus: Prometheus) -> None:
    groups = prometheus.get("/rules")["groups"]
    wrong = [(rule["name"], rule["lastError"]) for group in groups for rule in group["rules"] if rule["health"] != "ok"]
    assert wrong == []
    assert sum(len(group["rules"]) for group in groups) == len(alerts.ENTRIES)


def test_every_objective_is_measured_before_anything_is_missed(prometheus: Prometheus) -> None:
    missed = prometheus.ask("reelhook:objective:missed30d")
    assert {line["metric"]["objective"]: float(line["value"][1]) for line in missed} == dict.fromkeys(
        alerts.OBJECTIVES, 0
    )


def test_nothing_is_asked_that_nobody_tells(told: set[str]) -> None:
    asked = {rule.get("alert", rule.get("record")): rule["expr"] for rule in alerts.ENTRIES}
    asked |= {query.panel: query.expression for query in boards.queries()}
    known = told | alerts.RECORDS
    assert {by: alerts.metrics(query) - known for by, query in asked.items() if alerts.metrics(query) - known} == {}


@pytest.mark.parametrize("query", boards.queries(), ids=lambda query: query.panel)
def test_a_panel_shows_what_there_is(prometheus: Prometheus, there: set[str], query: boards.Query) -> None:
    picky = re.search(r"[<>]|=~", query.expression) is not None
    result = prometheus.ask(query.expression)
    if not result and not picky and alerts.metrics(query.expression) <= there:
        # On a busy machine a scrape comes too late, and then there is nothing until the next one.
        result = wait_until(lambda: prometheus.ask(query.expression), what="the panel shows what there is")
    labels = set(re.findall(r"{{(\w+)}}", query.legend))
    assert all(labels <= set(line["metric"]) for line in result)
