"""The commands, as a person or a script calls them."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from reelhook import __version__
from reelhook.cli.main import COMMANDS
from tests.processes import SECRET, Service, Simulators, clean_environment, run_command, simulators, wait_until

FINGERPRINT = hashlib.sha256(b"reelhook webhook secret\0" + SECRET.encode()).hexdigest()[:12]


@pytest.fixture(scope="module")
def outside() -> Iterator[Simulators]:
    with simulators() as running:
        yield running


@pytest.fixture(scope="module")
def service(outside: Simulators, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running service that all tests of this file share."""
    one = Service(Path(tmp_path_factory.mktemp("service")), dict(outside.settings()))
    one.start()
    one.settings["public_url"] = one.base
    one.stop()
    one.start()
    yield one
    one.stop()


def test_version_and_help_name_every_command() -> None:
    assert run_command("--version").stdout.strip() == __version__
    told = run_command("--help").stdout
    assert [command for command in COMMANDS if f"  {command} " not in told] == []


def test_config_prints_every_setting_and_no_secret() -> None:
    secrets = {"heygen_api_key": "sk_V2_hidden", "heygen_webhook_secrets": "whsec_hidden", "secret_key": "hidden"}
    secrets["database_url"] = "postgresql://user:hidden@db/reelhook"
    done = run_command("config", "--json", environment=clean_environment(**secrets))
    shown = json.loads(done.stdout)
    assert "hidden" not in done.stdout
    assert shown["REELHOOK_HEYGEN_WEBHOOK_SECRETS"] == ["**********"]
    assert shown["REELHOOK_STREAMS_PER_PERSON"] == 8
    plain = run_command("config", environment=clean_environment(**secrets)).stdout
    assert "hidden" not in plain
    assert "REELHOOK_STREAMS_PER_PERSON=8" in plain


def test_config_prints_what_could_be_set_again() -> None:
    levels = "ingest=warning,jobs=debug"
    said = run_command("config", environment=clean_environment(log_levels=levels)).stdout.splitlines()
    assert f"REELHOOK_LOG_LEVELS={levels}" in said
    usual = dict(
        line.split("=", 1) for line in run_command("config", environment=clean_environment()).stdout.splitlines()
    )
    again = {name.removeprefix("REELHOOK_").lower(): value for name, value in usual.items()}
    assert run_command("config", environment=clean_environment(**again)).returncode == 0


def test_migrate_fills_an_empty_database_and_is_safe_to_repeat(tmp_path: Path) -> None:
    environment = clean_environment(database_url=f"sqlite:///{tmp_path / 'new' / 'r.db'}")
    first = json.loads(run_command("migrate", "--json", environment=environment).stdout)
    again = json.loads(run_command("migrate", "--json", environment=environment).stdout)
    assert first["before"] is None
    assert again == {"before": first["after"], "after": first["after"]}
    assert run_command("migrate", environment=environment).stdout.strip() == f"schema {first['after']}"


def test_trigger_sends_what_heygen_would_and_tells_the_answer(service: Service) -> None:
    to = ("--to", f"{service.base}/webhooks/heygen")
    sent = service.command("trigger", "avatar_video.fail", *to, "--video-id", "t1", "--message", "No voice", "--json")
    assert sent.returncode == 0, sent.stderr
    assert json.loads(sent.stdout)["answer"]["duplicate"] is False
    refused = service.command("trigger", *to, "--secret", "whsec_other", "--json")
    assert (refused.returncode, json.loads(refused.stdout)["status"]) == (1, 401)
    with service.client("viewer") as viewer:
        assert viewer.get("/api/v1/events").status_code == 403
    with service.client() as client:
        failed = wait_until(lambda: client.get("/api/v1/videos", params={"q": "t1", "state": "failed"}).json()["data"])
        assert failed[0]["failure"]["message"] == "No voice"
        rejection = client.get("/api/v1/rejections").json()["data"][0]
    assert (rejection["reason"], rejection["status"]) == ("wrong_secret", 401)
    exact = service.command("trigger", *to, "--body-stdin", "--json", stdin="not json at all")
    assert exact.returncode == 0
    unknown = service.command("trigger", "video.completed", *to)
    assert (unknown.returncode, "not among the 30 types" in unknown.stderr) == (0, True)
    assert service.command("trigger", "--to", "ftp://x").returncode == 1
    assert "was not reached" in service.command("trigger", "--to", "http://127.0.0.1:1/x").stderr
    assert "no secret to sign with" in run_command("trigger", environment=clean_environment()).stderr


def test_keys_are_shown_once_listed_without_secret_and_revoked_at_once(service: Service) -> None:
    made = json.loads(service.command("keys", "create", "ci", "--role", "viewer", "--json").stdout)
    headers = {"Authorization": f"Bearer {made['key']}"}
    assert httpx.get(f"{service.base}/api/v1/videos", headers=headers, timeout=15).status_code == 200
    listed = service.command("keys", "list", "--json").stdout
    assert made["id"] in listed
    assert made["key"] not in listed
    assert "ci" in service.command("keys", "list").stdout
    narrow = ("--scope", "videos:read", "--scope", "stream", "--expires-days", "9")
    narrowed = json.loads(service.command("keys", "create", "plain", *narrow, "--json").stdout)
    assert narrowed["scopes"] == ["me", "stream", "videos:read"]
    assert narrowed["expires_at"] > narrowed["created_at"]
    second = service.command("keys", "rotate", made["id"], "--overlap-hours", "0").stdout.strip()
    assert second.startswith("rhk_")
    assert httpx.get(f"{service.base}/api/v1/videos", headers=headers, timeout=15).status_code == 401
    headers = {"Authorization": f"Bearer {second}"}
    assert httpx.get(f"{service.base}/api/v1/videos", headers=headers, timeout=15).status_code == 200
    assert service.command("keys", "revoke", made["id"]).returncode == 0
    assert httpx.get(f"{service.base}/api/v1/videos", headers=headers, timeout=15).status_code == 401
    assert "there is no API key" in service.command("keys", "revoke", "nonsense").stderr


def test_people_are_invited_and_get_new_passwords_from_the_command_line(service: Service) -> None:
    invited = service.command("people", "invite", "i@example.com", "--role", "operator")
    assert invited.stdout.startswith(f"{service.base}/sign-in#link="), invited.stderr
    new = "a quite new password"
    done = service.command("people", "reset-password", "I@example.com", "--password-stdin", stdin=f"{new}\n")
    assert "has a new password" in done.stdout, done.stderr
    link = json.loads(service.command("people", "reset-password", "i@example.com", "--json").stdout)
    with httpx.Client(base_url=service.base, headers={"x-reelhook": "1"}, timeout=15) as browser:
        signed_in = browser.post("/api/v1/session", json={"email": "i@example.com", "password": new})
        assert signed_in.json()["principal"]["role"] == "operator"
        assert browser.post("/api/v1/session/link", json={"token": link["token"]}).json()["code"] == "password_required"
    unknown = service.command("people", "reset-password", "nobody@example.com")
    assert (unknown.returncode, "nobody has the address" in unknown.stderr) == (1, True)


def test_a_person_is_exported_and_erased(service: Service) -> None:
    made = json.loads(service.command("people", "create", "eve@example.com", "--json").stdout)
    told = json.loads(service.command("people", "export", made["id"]).stdout)
    assert told["account"]["email"] == "eve@example.com"
    erase = ("people", "erase", made["id"], "--videos", "keep", "--email")
    refused = service.command(*erase, "x@example.com")
    assert (refused.returncode, "e-mail address" in refused.stderr) == (1, True)
    assert service.command(*erase, "eve@example.com").returncode == 0
    assert f"erased-{made['id']}" in service.command("people", "list", "--json").stdout


def test_a_sign_in_link_from_the_command_line_signs_in(service: Service) -> None:
    made = json.loads(service.command("people", "create", "c@example.com", "--role", "viewer", "--json").stdout)
    link = json.loads(service.command("people", "link", made["id"], "--json").stdout)
    own = {"x-reelhook": "1"}
    with httpx.Client(base_url=service.base, headers=own, timeout=15) as browser:
        assert browser.post("/api/v1/session/link", json={"token": link["token"]}).status_code == 200
        assert browser.get("/api/v1/session").json()["principal"]["name"] == "c@example.com"
        assert f"{service.base}/sign-in#link=" in service.command("people", "link", made["id"]).stdout
        assert service.command("people", "disable", made["id"]).returncode == 0
        assert "c@example.com" in service.command("people", "list").stdout
        assert browser.get("/api/v1/session").status_code == 401


def test_doctor_tells_what_is_missing_when_nothing_is_set(tmp_path: Path) -> None:
    settings = {"database_url": f"sqlite:///{tmp_path / 'r.db'}", "stores": f"local:{tmp_path / 'media'}"}
    settings |= {"heygen_base_url": "http://127.0.0.1:1", "public_url": "http://127.0.0.1:1"}
    done = run_command("doctor", environment=clean_environment(**settings))
    assert done.returncode == 1
    assert "unsigned callbacks stay pending" in done.stdout
    assert "HeyGen would refuse to register it" in done.stdout
    assert "so the clocks cannot be compared" in done.stdout
    assert "request.answered" not in done.stderr


def test_the_simulators_say_where_they_are_and_take_options() -> None:
    assert "--seconds-per-render" in run_command("simulate", "--help").stdout


def test_doctor_finds_everything_well(service: Service) -> None:
    done = service.command("doctor", "--json")
    checks = {one["name"]: one for one in json.loads(done.stdout)["checks"]}
    assert {name: one["ok"] for name, one in checks.items()} == dict.fromkeys(checks, True)
    assert {"database", "sqlite", "store local", "heygen key", "public url", "clock", "fetch hosts"} <= set(checks)
    assert done.returncode == 0


def test_one_endpoint_of_ours_needs_no_name_and_of_several_one_must_be_named(
    service: Service, outside: Simulators
) -> None:
    outside.control("POST", "/reset")
    none = service.command("rotate-secret")
    assert (none.returncode, "make one with `reelhook register`" in none.stderr) == (1, True)
    outside.register("http://127.0.0.1:9/somebody-else")
    outside.register(f"{service.base}/webhooks/heygen")
    one = service.command("rotate-secret", "--overlap-h", "0")
    assert one.returncode == 0, one.stderr
    assert f"REELHOOK_HEYGEN_WEBHOOK_SECRETS names {FINGERPRINT}: if one was this endpoint's" in one.stdout
    outside.register(f"{service.base}/webhooks/heygen")
    several = service.command("rotate-secret")
    assert (several.returncode, "several endpoints lead to this service; say which" in several.stderr) == (1, True)
    assert several.stderr.count(f"{service.base}/webhooks/heygen") == 2
    assert "no webhook endpoint 'x y'" in service.command("rotate-secret", "x y").stderr


def test_doctor_names_what_is_wrong_and_what_to_do(outside: Simulators, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings = outside.settings() | {
        "database_url": f"sqlite:///{tmp_path / 'r.db'}",
        "stores": f"local:{tmp_path / 'file'}",
        "heygen_api_key": "sk_wrong",
        "public_url": outside.heygen,  # it answers, but not to OPTIONS
        "oidc_issuer": "http://127.0.0.1:9/realm",
        "oidc_client_id": "reelhook",
    }
    done = run_command("doctor", environment=clean_environment(**settings))
    assert done.returncode == 1
    failed = {line.split(":")[0].removeprefix("FAIL").strip() for line in done.stdout.splitlines() if "FAIL" in line}
    assert failed == {"store local", "heygen key", "webhook secrets", "public url", "oidc"}
    assert "REELHOOK_HEYGEN_WEBHOOK_SECRETS" in done.stdout
    assert "does the proxy pass OPTIONS on?" in done.stdout
    assert SECRET not in done.stdout


def test_worker_and_several_web_processes_need_postgres(tmp_path: Path) -> None:
    environment = clean_environment(database_url=f"sqlite:///{tmp_path / 'r.db'}")
    assert "needs Postgres" in run_command("worker", environment=environment).stderr
    assert run_command("serve", "--workers", "2", environment=environment).returncode == 1


def test_a_port_that_is_taken_stops_the_start_in_words(service: Service, tmp_path: Path) -> None:
    environment = clean_environment(database_url=f"sqlite:///{tmp_path / 'r.db'}")
    done = run_command("serve", "--port", str(service.port), environment=environment)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{service.port}" in done.stderr
