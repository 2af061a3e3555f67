"""E-mail: what subscribers would have received. Nothing is sent; every message is written down, for people and for tests.

A confirmation is not modelled: a subscription receives from the moment it is made. Mail that went out survives the loss of
the region that sent it.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

_writing = threading.Lock()


@dataclass(frozen=True)
class Mail:
    """One message to one subscriber."""

    topic: str
    endpoint: str
    subject: str | None
    message: str
    moment: datetime

    @property
    def region(self) -> str:
        return self.topic.split(":")[3]


def send(cloud: Cloud, mail: Mail) -> None:
    line = json.dumps({**asdict(mail), "moment": mail.moment.isoformat()})
    with _writing, _file(cloud).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def outbox(cloud: Cloud, region: str) -> list[Mail]:
    """The mail topics of `region` sent, oldest first."""
    path = _file(cloud)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    mails = [Mail(**{**(document := json.loads(line)), "moment": datetime.fromisoformat(document["moment"])}) for line in lines]
    return [mail for mail in mails if mail.region == region]


def _file(cloud: Cloud) -> Path:
    return cloud.directory / "outbox.jsonl"
