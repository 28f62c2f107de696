"""`reelhook jobs`: the work, the dead letters among it, and what to do about them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from reelhook.cli.local_api import call
from reelhook.cli.output import AsJson, document, table
from reelhook.jobs.states import State
from reelhook.kit.times import rfc3339

ROOT = "/api/v1/jobs"
jobs = typer.Typer(no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(jobs, name="jobs")


def moment(text: str) -> str:
    """A time as the API takes it. Without an offset it is the local time of the one who types it."""
    try:
        return rfc3339(datetime.fromisoformat(text).astimezone())
    except (ValueError, OverflowError):
        raise typer.BadParameter("give a time such as 2026-11-22T14:00, or with an offset 2026-11-22T14:00Z") from None


JobId = Annotated[str, typer.Argument(metavar="ID", help="The job's id.")]
Kind = Annotated[str | None, typer.Option(help="Only of this kind, for example archive_asset.")]
Code = Annotated[str | None, typer.Option(help="Only those whose last failure has this code.")]


@jobs.command("list")
def list_jobs(
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    kind: Kind = None,
    code: Code = None,
    discarded: Annotated[
        bool | None, typer.Option("--discarded/--not-discarded", help="Dead ones that were put aside, or the others.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Most jobs shown.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show jobs, newest first."""
    aside = None if discarded is None else str(discarded).lower()
    wanted = _given(state=state, kind=kind, code=code, discarded=aside, limit=limit)
    found = call("GET", f"{ROOT}?{urlencode(wanted)}")["data"]
    if as_json:
        document(found)
    else:
        table(("id", "kind", "state", "failed with"), [job | {"failed with": _code(job)} for job in found])


@jobs.command()
def show(job_id: JobId, as_json: AsJson = False) -> None:
    """Tell the whole story of one job.

    Each attempt: when it was, how long it took, and what was said.
    """
    job = call("GET", _path(job_id))
    if as_json:
        document(job)
    else:
        _tell(job)


@jobs.command()
def retry(
    job_id: Annotated[str | None, typer.Argument(metavar="ID", help="The dead job's id.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every dead letter that fits the options below.")] = False,
    kind: Kind = None,
    code: Code = None,
    since: Annotated[str | None, typer.Option(parser=moment, help="Only those that died then or later.")] = None,
    until: Annotated[str | None, typer.Option(parser=moment, help="Only those that died before this time.")] = None,
    as_json: AsJson = False,
) -> None:
    """Try dead jobs again at once: one, or --all.

    They have all their attempts before them; the story of the earlier ones stays.
    """
    chosen = _given(kind=kind, code=code, since=since, until=until)
    if (job_id is None) != every or (chosen and not every):
        raise typer.BadParameter("give either the ID of one job, or --all, which the other options narrow")
    if job_id is not None:
        job = call("POST", f"{_path(job_id)}/retry")
        document(job) if as_json else print(f"{job['id']} {job['state']}")
        return
    done = call("POST", f"{ROOT}/retry", chosen)
    document(done) if as_json else print(f"retried {done['retried']}, skipped {done['skipped']}")


@jobs.command()
def discard(
    job_id: JobId,
    reason: Annotated[str, typer.Option(help="Why nothing more is to be done about it.")],
    as_json: AsJson = False,
) -> None:
    """Put a dead job aside, for good; it stays to be read."""
    job = call("POST", f"{_path(job_id)}/discard", {"reason": reason})
    document(job) if as_json else print(f"{job['id']} discarded")


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _path(job_id: str) -> str:
    return f"{ROOT}/{quote(job_id, safe='')}"


def _code(job: Mapping[str, Any]) -> str | None:
    return job["error"]["code"] if job["error"] else None


def _tell(job: Mapping[str, Any]) -> None:
    told = {
        "job": job["id"],
        "kind": job["kind"],
        "video": job["video_id"],
        "state": job["state"] if job["discarded_reason"] is None else f"discarded: {job['discarded_reason']}",
        "created": job["created_at"],
        "ended": job["finished_at"],
    }
    for name, value in told.items():
        if value is not None:
            print(f"{name:8} {value}")
    for attempt in job["attempts"]:
        print(f"\n{attempt['number']:4}. {attempt['started_at']}  {_seconds(attempt):.1f} s  {attempt['outcome']}")
        if (error := attempt["error"]) is not None:
            print(f"      {error['code']}: {error['message']}")


def _seconds(attempt: Mapping[str, Any]) -> float:
    started, ended = (datetime.fromisoformat(attempt[name]) for name in ("started_at", "ended_at"))
    return (ended - started).total_seconds()
