"""What stands in deploy/prometheus: Prometheus takes it, each alert goes off when it should, and says what is wrong."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from reelhook.analytics.objectives import OBJECTIVES
from tests.deploy import alerts
from tests.deploy.artefacts import DEPLOY, OURS

PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="no promtool here: apt-get install prometheus")
COURSES = sorted((Path(__file__).parent / "prometheus").glob("*.yml"))


def promtool(*words: object) -> str:
    done = subprocess.run([str(PROMTOOL), *map(str, words)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_promtool
def test_prometheus_takes_our_settings(tmp_path: Path) -> None:
    folder = shutil.copytree(DEPLOY / "prometheus", tmp_path / "prometheus")
    (folder / "reelhook_key").write_text("rhk_key")
    assert "SUCCESS" in promtool("check", "config", "--lint=all", "--lint-fatal", folder / "prometheus.yml")


@needs_promtool
@pytest.mark.parametrize("course", COURSES, ids=lambda path: path.stem)
def test_alerts_go_off_when_they_should(course: Path) -> None:
    promtool("test", "rules", course)


def test_every_alert_is_seen_both_ways() -> None:
    loud, quiet = set[str](), set[str]()
    for course in COURSES:
        for scene in yaml.safe_load(course.read_text())["tests"]:
            for case in scene["alert_rule_test"]:
                (loud if case["exp_alerts"] else quiet).add(case["alertname"])
    assert loud == quiet == set(alerts.ALERTS)


def test_every_objective_of_ours_has_a_rate_and_a_budget() -> None:
    told = {
        (rule["record"].partition(":rate")[0], rule["labels"]["objective"])
        for rule in alerts.ENTRIES
        if "record" in rule and "labels" in rule
    }
    kinds = ("reelhook:objective_bad", "reelhook:objective_all", "reelhook:objective:budget")
    assert told == {(kind, objective) for kind in kinds for objective in alerts.OBJECTIVES}


def test_an_alert_says_how_bad_it_is_and_what_is_wrong() -> None:
    for name, alert in alerts.ALERTS.items():
        assert alert["labels"]["severity"] in ("warning", "critical"), name
        assert set(alert["annotations"]) == {"summary", "description", "runbook"}, name


def test_prometheus_finds_the_containers_that_answer() -> None:
    (targets,) = yaml.safe_load((DEPLOY / "prometheus" / "targets-compose.yml").read_text())
    answering = {f"{name}:{8080 if 'serve' in service['command'] else 9101}" for name, service in OURS.items()}
    assert set(targets["targets"]) == {address for address in answering if not address.startswith("migrate")}
    workers = [service for service in OURS.values() if service["command"] == ["worker"]]
    assert {service["environment"]["REELHOOK_METRICS_BIND"] for service in workers} == {"0.0.0.0:9101"}


def test_the_objectives_are_those_that_the_service_computes() -> None:
    """All but `recovered`: what never came, no process can count."""
    computed = {one.name: one for one in OBJECTIVES if one.name != "recovered"}
    assert set(computed) == alerts.OBJECTIVES
    for rule in alerts.ENTRIES:
        kind, objective = rule.get("record"), rule.get("labels", {}).get("objective")
        if kind == "reelhook:objective:budget":
            assert rule["expr"] == f"vector({round(1 - computed[objective].target, 6):g})"
        if kind == "reelhook:objective_bad:rate5m":
            limits = [float(limit) * 1000 for limit in re.findall(r'le="([\d.]+)"', rule["expr"])]
            assert limits == [limit for limit in (computed[objective].within_ms,) if limit is not None]
