"""The way back: a backup is verified before anything is touched, prepared beside the database, and put in place."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reelhook.backup import contents, placing
from reelhook.backup.errors import DatabaseExists, NotRestored, failing_as
from reelhook.backup.fingerprint import Fingerprint, copied, fingerprint
from reelhook.backup.manifest import DATABASE, KEY, Manifest
from reelhook.backup.numbers import raise_all
from reelhook.db.schema import head, refuse_newer
from reelhook.kit.files import put


@dataclass(frozen=True)
class Restored:
    """What was put in place.

    *replaced* is the folder with the old files; *key_written* says whether the backup's key was put beside it.
    """

    manifest: Manifest
    floor: int
    replaced: Path | None
    key_written: bool

    @property
    def needs_migration(self) -> bool:
        return self.manifest.schema_version != head()


def restore(folder: Path, database: Path, key: Path | None, *, force: bool, now: datetime) -> Restored:
    """Put the backup in *folder* in the place of *database*, whose lock the caller holds.

    *key* is where the file of the key belongs, None when a setting gives it; one that is there stays. Raises
    *NotRestored*, *DatabaseExists* (without *force*), *WrongSchema* for one newer than this code.
    """
    if database.exists() and not force:
        raise DatabaseExists(f"{database} exists; --force moves it aside and puts the backup in its place")
    manifest, staged = Manifest.read(folder), placing.preparing(database)
    refuse_newer(manifest.schema_version)
    try:
        with failing_as(NotRestored, f"{folder} cannot be restored to {database}"):
            floor = _prepare(folder, manifest, staged, now)
            key_written = _put_key(folder, manifest, key)
        with failing_as(NotRestored, f"{database} is replaced as soon as it is opened next, for now"):
            return Restored(manifest, floor, placing.put_in_place(database), key_written)
    finally:
        staged.unlink(missing_ok=True)


def _prepare(folder: Path, manifest: Manifest, staged: Path, now: datetime) -> int:
    """The database as a new file *staged*, all of it verified, its numbers raised; returns the new floor."""
    staged.unlink(missing_ok=True)  # what a killed process left
    for name, told in manifest.files.items():
        path = folder / name
        _compare(path, copied(path, staged) if name == DATABASE else fingerprint(path), told)
    try:
        with contents.opened(staged) as conn:
            schema = contents.examine(conn)
    except contents.Damaged as error:
        raise NotRestored(f"{folder / DATABASE} is damaged: {error}") from None
    if schema != manifest.schema_version:
        raise NotRestored(f"{folder} was changed: the database has schema {schema}, the manifest says otherwise")
    return raise_all(staged, now)


def _put_key(folder: Path, manifest: Manifest, key: Path | None) -> bool:
    if key is None or KEY not in manifest.files or key.exists():
        return False
    put(key, (folder / KEY).read_bytes())
    return True


def _compare(path: Path, found: Fingerprint, told: Fingerprint) -> None:
    if found != told:
        raise NotRestored(
            f"{path} is not what was backed up: {found.bytes} bytes of another content than the manifest's"
        )
