"""The backend that moto is given for RDS. It must live in a module of this name: moto finds `urls` beside it."""

from __future__ import annotations

from rehearsal.cloud.rds.replication import Replication


class Backend(Replication):
    """RDS of one region, with real rows."""
