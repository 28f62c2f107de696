"""What a backup is: a folder with the database, the list of its media, and a manifest that vouches for both."""

from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ValidationError, model_validator

from reelhook.backup.errors import NotRestored
from reelhook.backup.fingerprint import Fingerprint
from reelhook.kit.files import put
from reelhook.kit.times import Time

DATABASE: Final = "reelhook.db"
MEDIA: Final = "media.jsonl"
KEY: Final = "reelhook.db.key"
MANIFEST = "manifest.json"

File = Literal["reelhook.db", "media.jsonl", "reelhook.db.key"]


class Media(BaseModel):
    """How much is kept outside the database: how many files media.jsonl lists, and their bytes together."""

    files: int
    bytes: int


class Manifest(BaseModel):
    """What is in the folder, of which moment, and which version can read it."""

    format: Literal[1] = 1
    reelhook: str
    schema_version: str
    created_at: Time
    stream_head: int
    media: Media
    files: dict[File, Fingerprint]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if missing := {DATABASE, MEDIA} - self.files.keys():
            raise ValueError(f"it does not name {', '.join(sorted(missing))}")
        return self

    def write(self, folder: Path) -> None:
        put(folder / MANIFEST, self.model_dump_json(indent=2).encode() + b"\n")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises *NotRestored* when there is none that this version can read."""
        path = folder / MANIFEST
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise NotRestored(f"{folder} is no backup: {MANIFEST} in it cannot be read: {error.strerror}") from None
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            place = ".".join(map(str, fault["loc"])) or "all of it"
            raise NotRestored(f"{path} is none that this version can read: {place}: {fault['msg']}") from None
