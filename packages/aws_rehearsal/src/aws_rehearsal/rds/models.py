"""The backend that moto is given for RDS. It must live in a module of this name: moto finds `urls` beside it."""

from __future__ import annotations

from aws_rehearsal.rds.replication import Replication


class Backend(Replication):
    """RDS of one region, with real rows."""
