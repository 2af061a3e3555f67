"""How long RDS takes in virtual time. Modelled, not measured: AWS promises none of them. They order events plausibly."""

from __future__ import annotations

from datetime import timedelta

CREATE = timedelta(minutes=4)
RESTORE = timedelta(minutes=12)
POINT_IN_TIME = timedelta(minutes=18)
REPLICA = timedelta(minutes=15)
PROMOTE = timedelta(minutes=5)
MODIFY = timedelta(minutes=1)
DELETE = timedelta(minutes=3)
STOP = timedelta(minutes=3)
START = timedelta(minutes=5)
REBOOT = timedelta(minutes=1)
SNAPSHOT = timedelta(minutes=2)
COPY = timedelta(minutes=6)
KEY_MISSED = timedelta(minutes=30)
"""How long an instance goes on without the key that it was started with."""
LOG_UPLOAD = timedelta(minutes=5)
"""RDS uploads the binary log this often; the newest moment that can be restored is the last upload."""
