"""All checks, each on its own: one that cannot be made leaves the others, and is never taken for green."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from recovery.preflight import account, data, ready, serving
from recovery.preflight.line import Check, Client, Line, State
from strategy.contracts.preflight import PreflightRequest

CHECKS: tuple[Check, ...] = (
    data.copies,
    data.replicated,
    data.replicas,
    account.keys,
    ready.workflow,
    ready.groups,
    ready.engines,
    ready.secrets,
    ready.names,
    ready.buckets,
    serving.releases,
    serving.certificates,
    serving.switch,
    account.opt_ins,
    account.quotas,
    account.bootstrap,
)
"""The data first: what is lost there cannot be repaired on the night."""
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Preflight:
    """What one region answered at one moment."""

    environment: str
    region: str
    now: datetime
    lines: tuple[Line, ...]

    def of(self, state: State) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.state is state)

    @property
    def ready(self) -> bool:
        """Nothing red, and nothing unknown: an empty answer is none."""
        return bool(self.lines) and all(line.state is State.GREEN for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "environment": self.environment,
            "region": self.region,
            "now": self.now.isoformat(timespec="seconds"),
            "ready": self.ready,
            "red": len(self.of(State.RED)),
            "not_checked": len(self.of(State.NOT_CHECKED)),
            "green": len(self.of(State.GREEN)),
            "lines": [asdict(line) for line in self.lines],
        }


def run(wanted: PreflightRequest, client: Client, now: datetime) -> Preflight:
    """Raises nothing that AWS answered: a refusal or a fault is a line."""
    lines = [line for check in CHECKS for line in _made(check, wanted, client, now)]
    return Preflight(wanted.environment, wanted.region, now, tuple(lines))


def _made(check: Check, wanted: PreflightRequest, client: Client, now: datetime) -> list[Line]:
    try:
        return check(wanted, client, now)
    except ClientError as error:
        because = f"{error.operation_name}: {error.response['Error'].get('Message') or error.response['Error']['Code']}"
    except BotoCoreError as error:
        because = str(error)
    title = check.__name__.replace("_", " ")
    return [Line(title, f"all {title}", State.NOT_CHECKED, because, "an answer", "allow the call, or wait for AWS, and repeat")]
