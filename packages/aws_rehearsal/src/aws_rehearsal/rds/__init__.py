"""RDS with real rows: the API is moto's and ours, and behind every instance stands a MariaDB server.

Creating an instance starts a server on a free loopback port; snapshots are physical backups; restores start a new server from
files, point-in-time restores replay the binary log; a lost region's servers are killed. Real: rows, files, bytes, passwords,
TLS, statuses that do not run ahead of the server. Modelled: durations, Multi-AZ, encryption at rest, parameter groups (kept,
not applied), and IAM database authentication: a user that AWS would create `IDENTIFIED WITH AWSAuthenticationPlugin AS
'RDS'` is created here with the cloud's `database_token` as its password, which functions get from `generate_db_auth_token`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.rds.models import RDSBackend, rds_backends

from aws_rehearsal.patches import extend
from aws_rehearsal.rds.dataplane import DataPlane, authority_path
from aws_rehearsal.rds.models import Backend
from aws_rehearsal.rds.programs import MariaDbMissing, require

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

__all__ = ["MariaDbMissing", "authority_path", "install"]


def install(cloud: Cloud) -> None:
    """Give moto our backend; raises MariaDbMissing before anything has been deployed in vain."""
    require()
    plane = DataPlane(cloud)
    Backend.plane = plane
    extend(rds_backends, Backend)
    cloud.clock.before_leap.append(plane.look)
    cloud.region_lost.append(plane.lose)
    cloud.region_darkened.append(plane.darken)
    cloud.region_lit.append(plane.light)

    def close() -> None:
        plane.close()
        extend(rds_backends, RDSBackend)

    cloud.closing.append(close)
