"""An environment, and what the cloud must be given to run one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


class ApplicationServer(Protocol):
    """What runs in an environment. `stop` returns when nothing of it runs any more.

    One with a HTTP side also has the `path` that it answers and its loopback `port`, and may have a `key` (`aws_rehearsal.web`).
    """

    def start(self) -> None: ...

    def stop(self) -> None: ...

    @property
    def running(self) -> bool:
        """False, too, after a start that came to nothing."""


@dataclass
class Environment:
    """One environment of one region. Its health is its server's, asked for anew every time."""

    name: str
    application: str
    identifier: str
    arn: str
    created: datetime
    server: ApplicationServer
    status: str = "Launching"
    updated: datetime | None = None
    failure: str = field(default="", repr=False)
    """What its last start raised."""

    @property
    def health(self) -> str:
        """Grey while it is being changed; Red when its server does not run."""
        if self.status != "Ready":
            return "Grey"
        return "Green" if self.server.running and not self.failure else "Red"

    def start(self) -> None:
        """As on AWS, a server that does not come up is the environment's bad health, and no error of whoever asked for it."""
        self.failure = ""
        try:
            if not self.server.running:
                self.server.start()
        except Exception as error:  # noqa: BLE001  whatever the application's own code raises
            self.failure = f"{type(error).__name__}: {error}"

    def describe(self) -> dict[str, Any]:
        return {
            "EnvironmentName": self.name,
            "EnvironmentId": self.identifier,
            "EnvironmentArn": self.arn,
            "ApplicationName": self.application,
            "Status": self.status,
            "Health": self.health,
            "DateCreated": self.created,
            "DateUpdated": self.updated or self.created,
        }
