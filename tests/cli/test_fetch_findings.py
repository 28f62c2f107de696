"""What doctor says of where fetches may lead."""

import pytest

from reelhook.cli.fetch_findings import fetches
from reelhook.settings import Settings


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("127.0.0.1:9000", "this machine itself, port 9000"),
        ("[::1]:80", "this machine itself, port 80"),
        ("[::ffff:127.0.0.1]:80", "this machine itself"),
        ("0.0.0.0:80", "this machine itself"),
        ("10.0.0.5:8443", "your own network, port 8443"),
        ("[fd00::5]:8443", "your own network"),
        ("169.254.169.254:80", "a cloud's metadata service"),
        ("[fd00:ec2::254]:80", "a cloud's metadata service"),
        ("8.8.8.8:8443", "a public address, also by plain http and past FETCH_HOSTS, port 8443"),
    ],
)
def test_each_door_is_a_warning_that_says_what_it_opens(entry: str, what: str) -> None:
    config = Settings(fetch_allow=(entry,))
    _, found = fetches(config)
    assert (found["name"], found["ok"], found["warning"]) == (f"fetch allow {config.fetch_allow[0]}", True, True)
    assert f"opens {what}" in str(found["found"])


def test_the_hosts_are_told_and_are_no_warning() -> None:
    assert fetches(Settings()) == [
        {"name": "fetch hosts", "ok": True, "found": "videos are fetched from any public host, by https"}
    ]
    (found,) = fetches(Settings(fetch_hosts="heygen.ai,heygen.com"))
    assert found["found"] == "videos are fetched from heygen.ai, heygen.com, and all hosts below, by https"
