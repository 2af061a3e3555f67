"""CloudWatch that notices: metrics by period, alarms evaluated on the virtual clock, and their actions.

moto keeps metrics and the definitions of alarms; it evaluates none. Here every datapoint that reaches it, by PutMetricData, by a
function's log in the embedded metric format, or from AWS Backup, is kept by minute as well, and each alarm is judged when
something could change its state. Modelled: AWS looks more often, and keeps how long its evaluation range is to itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_rehearsal import context
from aws_rehearsal.metrics.backup import BackupMetrics
from aws_rehearsal.metrics.store import Series
from aws_rehearsal.metrics.watch import Action, Watch

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

__all__ = ["Action", "Series", "Watch", "install", "watch"]

_installed: list[Watch] = []


def install(cloud: Cloud) -> None:
    made = Watch(cloud)
    _installed.append(made)
    cloud.closing.append(_installed.clear)
    cloud.region_lost.append(made.lose)
    published = BackupMetrics(cloud)
    backup = cloud.services["backup"]
    backup.events.told.append(published.note)  # type: ignore[attr-defined]  # the registry holds services by their base


def watch() -> Watch:
    """The running cloud's alarms; LookupError when there is none."""
    context.current()
    return _installed[-1]
