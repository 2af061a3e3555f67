"""AWS Backup, whole: vaults, plans on the calendar, and backup, copy and restore jobs that move real rows and items.

Real: the data (captured, copied into the destination region's own storage, and restored from there), the schedule, which rule
wins, retention, locks, whether keys can be used. Modelled: how long jobs take. Recorded and not enforced: access policies, roles,
key policies.
It replaces moto's backup service, and works through the cloud's own RDS, DynamoDB and EventBridge APIs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_rehearsal.backup.service import Backup

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud


def install(cloud: Cloud) -> None:
    from aws_rehearsal.cloud import ACCOUNT

    backup = Backup(cloud, ACCOUNT)
    cloud.services["backup"] = backup
    cloud.region_lost.append(backup.forget)
