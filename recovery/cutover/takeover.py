"""That a lost region is being recovered here: noted once the recovery may begin, and read by that region's own fence.

A region that was away and returns in the middle must not begin to serve beside the one that takes over: it reads this, and stays
closed until the cutover. From then on the switch says everything, and this nothing any more.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

LASTS = timedelta(days=3)
"""As long as an attempt of a recovery can run: one that was given up closes nobody for longer."""


@dataclass(frozen=True, slots=True)
class Taking:
    lost_region: str
    since: datetime
    plan_id: str
    planned: bool = False
    """It is handed over, and not lost: it closes itself although it was not away."""

    @classmethod
    def from_json(cls, text: str) -> Taking:
        """Raises ValueError when it is none."""
        try:
            found = json.loads(text)
            since, planned = datetime.fromisoformat(found["since"]), bool(found.get("planned"))
            return cls(str(found["lost_region"]), since, str(found["plan_id"]), planned=planned)
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"this does not say who is recovered: {text[:80]!r}") from error

    def to_json(self) -> str:
        return json.dumps({**asdict(self), "since": self.since.isoformat()})


def read(ssm: Any, name: str) -> Taking | None:
    """None: nobody was ever recovered here. Raises ClientError or ValueError when it cannot be read."""
    try:
        return Taking.from_json(ssm.get_parameter(Name=name)["Parameter"]["Value"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return None
        raise


def note(ssm: Any, name: str, taking: Taking) -> None:
    """Once for each plan: its first moment stands."""
    try:
        before = read(ssm, name)
    except ValueError:
        before = None
    if before is None or before.plan_id != taking.plan_id:
        about = "Which lost region is recovered here; see its workflow"
        ssm.put_parameter(Name=name, Value=taking.to_json(), Type="String", Overwrite=True, Description=about)
