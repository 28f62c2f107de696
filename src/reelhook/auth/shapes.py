"""What every request and answer of this room has in common."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line of printable characters")
    return text


class Body(BaseModel):
    """A request body: nothing is converted, nothing unknown is accepted."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Shown(BaseModel):
    """A part of an answer, filled from a row."""

    model_config = ConfigDict(from_attributes=True)


# Kept exactly as given: it is a name in somebody else's system.
Subject = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_one_line)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)]
