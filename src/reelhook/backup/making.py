"""One backup, step by step, in the calling thread: staged beside its place, verified, and named when it is whole."""

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from reelhook import __version__
from reelhook.backup import contents
from reelhook.backup.copying import copy
from reelhook.backup.errors import BackupExists, BackupFailed, failing_as
from reelhook.backup.fingerprint import Check, copied, fingerprint, go_on
from reelhook.backup.manifest import DATABASE, KEY, MANIFEST, MEDIA, File, Manifest, Media
from reelhook.db.schema import refuse_newer
from reelhook.errors import WrongInput
from reelhook.kit.files import OURS_ALONE, sync_folder


class Making:
    """A backup of the database *source* in the folder *target*, which is not there yet. End it with `discard`."""

    def __init__(self, source: Path, target: Path, check: Check = go_on) -> None:
        self._source, self._target, self._check = source, target, check
        self._staged = target.with_name(f".{target.name}.partial")

    def stage(self, at: datetime, key: Path | None = None) -> Manifest:
        """Write and verify everything under a hidden name. *key* is the file of the key, when it is to go along.

        Raises *WrongInput*, *BackupExists*, *BackupFailed*, *WrongSchema*, and what the check raises.
        """
        with failing_as(BackupFailed, f"the backup {self._target} cannot be written"):
            self._refuse_a_wrong_place()
            self.discard()  # what a killed process left
            self._staged.mkdir(mode=0o700)
            names: list[File] = [DATABASE, MEDIA]
            if key is not None:
                copied(key, self._staged / KEY)
                names.append(KEY)
            copy(self._source, self._staged / DATABASE, self._check)
            manifest = self._manifest(at, names)
            manifest.write(self._staged)
            return manifest

    def publish(self) -> None:
        """Give it its name; from here on it is a backup. Raises *BackupFailed*."""
        with failing_as(BackupFailed, f"the backup {self._target} cannot be given its name"):
            self._staged.rename(self._target)
            sync_folder(self._target.parent)

    def discard(self) -> None:
        """Remove what was staged and not published. Only files of ours: the folder may be somebody else's."""
        with suppress(OSError):
            for name in (DATABASE, MEDIA, KEY, MANIFEST):
                (self._staged / name).unlink(missing_ok=True)
            self._staged.rmdir()

    def _refuse_a_wrong_place(self) -> None:
        if os.path.lexists(self._target):
            raise BackupExists(f"{self._target} exists; name a folder that is not there yet")
        if not self._target.parent.is_dir():
            raise WrongInput(f"there is no folder {self._target.parent}")

    def _manifest(self, at: datetime, names: Iterable[File]) -> Manifest:
        with contents.opened(self._staged / DATABASE) as conn:
            schema = self._examined(conn)
            _write_lines(self._staged / MEDIA, contents.stored(conn))
            files, size = contents.totals(conn)
            head = contents.stream_head(conn)
        return Manifest(
            reelhook=__version__,
            schema_version=schema,
            created_at=at,
            stream_head=head,
            media=Media(files=files, bytes=size),
            files={name: fingerprint(self._staged / name, self._check) for name in names},
        )

    def _examined(self, conn: contents.Connection) -> str:
        try:
            schema = contents.examine(conn, self._check)
        except contents.Damaged as error:
            raise BackupFailed(f"{self._source} is damaged: {error}") from None
        refuse_newer(schema)
        return schema


def key_to_put_in(key: Path | None, wanted: bool) -> Path | None:
    """The file of the key, if it is *wanted*. Raises *WrongInput* when there is none (*key* is None)."""
    if wanted and key is None:
        raise WrongInput("REELHOOK_SECRET_KEY gives the key, so there is no file of it to put in; keep it yourself")
    return key if wanted else None


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OURS_ALONE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
