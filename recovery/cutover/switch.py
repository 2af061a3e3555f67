"""The switch: which region serves, as far as it is known in one region. Each region has a record of its own, an SSM parameter.

It is changed by one write, in the region that is recovered *to*. Of two records the later one holds; a region that reads a later
record in the other takes it over into its own, which tells the other that it knows.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError


@dataclass(frozen=True, slots=True)
class Record:
    """`since`: when traffic was cut over. `noted`: when this region took it over from the other; None where it was written."""

    serving: str
    since: datetime
    plan_id: str
    by: str
    noted: datetime | None = None

    @classmethod
    def from_json(cls, text: str) -> Record:
        """Raises ValueError when it is none."""
        try:
            found = json.loads(text)
            noted = found.get("noted")
            return cls(
                serving=str(found["serving"]),
                since=datetime.fromisoformat(found["since"]),
                plan_id=str(found["plan_id"]),
                by=str(found["by"]),
                noted=datetime.fromisoformat(noted) if noted else None,
            )
        except (AttributeError, KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"the switch holds no record: {text[:80]!r}") from error

    def to_json(self) -> str:
        return json.dumps(self.as_dict())

    def as_dict(self) -> dict[str, str | None]:
        moments = {name: value and value.isoformat() for name, value in (("since", self.since), ("noted", self.noted))}
        return {**asdict(self), **moments}


def read(ssm: Any, name: str) -> Record | None:
    """None: nobody ever cut over here. Raises ClientError or ValueError when it cannot be read."""
    try:
        return Record.from_json(ssm.get_parameter(Name=name)["Parameter"]["Value"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return None
        raise


def write(ssm: Any, name: str, record: Record) -> None:
    ssm.put_parameter(
        Name=name, Value=record.to_json(), Type="String", Overwrite=True, Description="Which region serves; see its workflow"
    )


def throw(ssm: Any, name: str, wanted: Record) -> tuple[Record | None, Record]:
    """What the record was and what it is. One that says the same already is left as it is, whoever wrote it."""
    before = read(ssm, name)
    if before is not None and before.serving == wanted.serving:
        return before, before
    write(ssm, name, wanted)
    return before, wanted


def latest(*records: Record | None) -> Record | None:
    """The one that holds; None: nobody ever cut over."""
    return max((each for each in records if each is not None), key=lambda each: each.since, default=None)


def note(ssm: Any, name: str, own: Record | None, other: Record | None, now: datetime) -> Record | None:
    """This region's record after it has seen the other's: a later one is taken over."""
    holds = latest(own, other)
    if holds is None or holds is own or (own is not None and holds.since == own.since):
        return own
    noted = replace(holds, noted=now)
    write(ssm, name, noted)
    return noted
