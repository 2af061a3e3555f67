"""A deployed environment that things are broken in: its clients, its books, and what fixes it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aws_rehearsal import Cloud
from strategy import Strategy
from strategy.catalogue import names
from strategy.contracts.monitor import MonitoredStore, MonitorRequest
from strategy.contracts.requests.monitor import request_for

PRIMARY, RECOVERY = "primary", "recovery"
ROLES = (PRIMARY, RECOVERY)


@dataclass
class Site:
    """`mending` undoes what was broken, the last first."""

    cloud: Cloud
    strategy: Strategy
    mending: list[Callable[[], object]] = field(default_factory=list)

    def region(self, role: str) -> str:
        return str(getattr(self.strategy.regions, role))

    def client(self, service: str, role: str = PRIMARY) -> Any:
        return self.cloud.client(service, self.region(role))

    @property
    def backup(self) -> Any:
        """The embedded AWS Backup itself, for what no call of AWS's brings about."""
        return self.cloud.services["backup"]

    def vault(self, role: str) -> str:
        """The one that the role's monitor looks into."""
        return (names.backup_vault if role == PRIMARY else names.copy_vault)(self.strategy.prefix)

    def asked(self, role: str) -> MonitorRequest:
        """What the monitor is asked."""
        return request_for(self.strategy, self.region(role))

    def store(self, name: str) -> MonitoredStore:
        return next(each for each in self.asked(PRIMARY).stores if each.name == name)

    def points(self, role: str) -> list[Any]:
        """The books' own recovery points of that vault, oldest first."""
        held = self.backup.vault(self.region(role), self.vault(role)).points.values()
        return sorted(held, key=lambda each: each.creation_date)

    def put_record(self, role: str, key: str, **body: Any) -> None:
        """As the functions write records of evidence."""
        moment = self.cloud.clock.now().isoformat()
        filled = {"format": 1, "at": moment, "started": moment, "region": self.region(role)} | body
        self.client("s3", role).put_object(Bucket=self.asked(role).evidence, Key=key, Body=json.dumps(filled).encode())

    def mend(self) -> None:
        while self.mending:
            self.mending.pop()()
