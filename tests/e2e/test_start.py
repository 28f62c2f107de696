"""How the service starts, and what keeps it from starting."""

import json
import sqlite3

import httpx2 as httpx
import pytest

from tests.processes import Service, free_port, run_command, wait_until

EVENT = {"event_type": "avatar_video.success", "event_data": {"video_id": "v", "url": None}}


def failed_start(service: Service, **settings: object) -> str:
    """Start with *settings*, expect it to end by itself, and return its last words."""
    service.settings |= settings
    done = service.command("serve", "--port", str(service.port or free_port()))
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("stores", "ftp:somewhere", "REELHOOK_STORES: 'ftp:somewhere' is not a store; use local:PATH"),
        ("stores", "cloudinary", "REELHOOK_STORES names cloudinary, so CLOUDINARY_URL must be set"),
        ("heygen_base_url", "api.heygen.com", "REELHOOK_HEYGEN_BASE_URL: must be an address like"),
        ("streams_per_person", "0", "REELHOOK_STREAMS_PER_PERSON: Input should be greater than or equal to 1"),
        ("heygen_apikey", "x", "REELHOOK_HEYGEN_APIKEY is not a setting; did you mean REELHOOK_HEYGEN_API_KEY?"),
        ("database_url", "mysql://h/d", "REELHOOK_DATABASE_URL: must look like sqlite:"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line_that_names_it(
    service: Service, setting: str, value: str, words: str
) -> None:
    last = failed_start(service, **{setting: value})
    assert last.startswith("reelhook: ")
    assert words in last


def test_a_second_server_on_the_same_file_is_refused_and_names_the_first(service: Service) -> None:
    service.start()
    assert service.process is not None
    second = Service(service.folder)
    assert f"is in use by process {service.process.pid}" in failed_start(second)
    assert service.post(EVENT).status_code == 200


def test_an_old_schema_stops_the_start_and_names_migrate(service: Service) -> None:
    assert service.command("migrate").returncode == 0
    with sqlite3.connect(service.folder / "reelhook.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '0000', oldest_code = '0000'")
    database.close()
    assert "newer than this version" in failed_start(service)
    with sqlite3.connect(service.folder / "reelhook.db") as database:
        database.execute("DELETE FROM alembic_version")
    database.close()
    assert "run `reelhook migrate`" in failed_start(service)


def test_an_unreachable_database_does_not_stop_it_probes_answer_and_posts_wait(service: Service) -> None:
    folder = service.folder / "data"
    folder.mkdir()
    # A folder in the place of the file: it opens for nobody, not even root.
    (folder / "reelhook.db").mkdir()
    service.settings |= {"database_url": f"sqlite:///{folder / 'reelhook.db'}"}
    service.start(ready=False)

    assert httpx.options(f"{service.base}/webhooks/heygen", timeout=15).status_code == 200
    refused = service.post(EVENT)
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert refused.json()["code"] == "database_unavailable"
    not_ready = httpx.get(f"{service.base}/readyz", timeout=15)
    assert not_ready.status_code == 503
    assert not_ready.json()["dependencies"]["database"]["ok"] is False

    (folder / "reelhook.db").rmdir()
    wait_until(lambda: service.answers("/readyz"), what="the database is back")
    assert service.post(EVENT).status_code == 200


def test_commands_work_beside_a_running_server_and_without_one(service: Service) -> None:
    alone = service.command("people", "create", "a@example.com", "--role", "admin", "--json")
    assert json.loads(alone.stdout)["email"] == "a@example.com"
    service.start()
    beside = service.command("people", "create", "b@example.com", "--password-stdin", stdin="long enough to pass\n")
    assert beside.returncode == 0, beside.stderr
    listed = json.loads(service.command("people", "list", "--json").stdout)
    assert [person["email"] for person in listed] == ["b@example.com", "a@example.com"]
    with service.client("admin") as client:
        audited = client.get("/api/v1/audit").json()["data"]
    assert {entry["actor"] for entry in audited} == {"local:local", "settings"}
    assert (service.folder / "reelhook.db.sock").stat().st_mode & 0o777 == 0o600


def test_wrong_use_exits_with_2() -> None:
    assert run_command("serve", "--no-such-option").returncode == 2
    assert run_command("no-such-command").returncode == 2


def test_the_first_start_offers_a_link_that_makes_the_first_admin(service: Service) -> None:
    service.start()
    line = wait_until(lambda: next((x for x in service.log.splitlines() if x.startswith("First start")), None))
    token = line.rsplit("#link=", 1)[1]
    own = {"x-reelhook": "1"}
    with httpx.Client(base_url=service.base, timeout=15) as browser:
        asked = browser.post("/api/v1/session/link", json={"token": token}, headers=own)
        assert (asked.status_code, asked.json()["code"]) == (409, "setup_required")
        me = {"token": token, "email": "first@example.com", "password": "correct horse battery"}
        assert browser.post("/api/v1/session/link", json=me, headers=own).status_code == 200
        assert browser.get("/api/v1/session").json()["principal"]["role"] == "admin"
    assert httpx.post(f"{service.base}/api/v1/session/link", json=me, headers=own, timeout=15).status_code >= 400
    service.stop()
    service.start()
    assert service.log.count("First start") == 1
