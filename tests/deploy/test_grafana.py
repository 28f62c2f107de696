"""What stands in deploy/grafana: each panel has its place, says what it shows, and asks the chosen Prometheus."""

from itertools import combinations, pairwise
from typing import Any

import pytest
import yaml

from tests.deploy.artefacts import COMPOSE, DEPLOY
from tests.deploy.boards import BOARDS, panels

PROVISIONING = DEPLOY / "grafana" / "provisioning"
WIDTH = 24


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    apart = (
        one["x"] + one["w"] <= other["x"]
        or other["x"] + other["w"] <= one["x"]
        or one["y"] + one["h"] <= other["y"]
        or other["y"] + other["h"] <= one["y"]
    )
    return not apart


@pytest.mark.parametrize("board", BOARDS)
def test_every_panel_has_a_place_of_its_own(board: str) -> None:
    every = BOARDS[board]["panels"]
    assert [panel["id"] for panel in every] == list(range(1, len(every) + 1))
    places = [panel["gridPos"] for panel in every]
    assert all(place["x"] + place["w"] <= WIDTH for place in places)
    assert all((one["y"], one["x"]) < (next_["y"], next_["x"]) for one, next_ in pairwise(places))
    assert not [pair for pair in combinations(places, 2) if overlap(*pair)]


@pytest.mark.parametrize("board", BOARDS)
def test_every_panel_says_what_it_shows_and_in_which_unit(board: str) -> None:
    shown = panels(board)
    titles = [panel["title"] for panel in shown]
    assert len(set(titles)) == len(titles)
    for panel in shown:
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, panel["title"]
        lines = [target.get("legendFormat") for target in panel["targets"]]
        assert panel["type"] == "table" or len(lines) == 1 or all(lines), panel["title"]


def test_two_dashboards_are_told_apart_and_lead_to_each_other() -> None:
    assert {board["uid"] for board in BOARDS.values()} == {"reelhook-well", "reelhook-rooms"}
    for board in BOARDS.values():
        (link,) = board["links"]
        assert set(link["tags"]) <= set(board["tags"])
        (variable,) = board["templating"]["list"]
        assert (variable["type"], variable["name"], variable["query"]) == ("datasource", "datasource", "prometheus")


def provisioned(path: str) -> dict[str, Any]:
    return dict(yaml.safe_load((PROVISIONING / path).read_text()))


def test_compose_gives_grafana_what_it_is_told_to_look_for() -> None:
    grafana = COMPOSE["services"]["grafana"]
    mounts = dict(volume.split(":")[:2][::-1] for volume in grafana["volumes"])
    (provider,) = provisioned("dashboards/reelhook.yml")["providers"]
    assert mounts[provider["options"]["path"]] == "./grafana/dashboards"
    (source,) = provisioned("datasources/prometheus.yml")["datasources"]
    assert source["url"].strip("${}") in grafana["environment"]
    scraped = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    assert source["jsonData"]["timeInterval"] == scraped["global"]["scrape_interval"]
