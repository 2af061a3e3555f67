"""MonitoringStack: the same in both regions, because either may be the one that is left."""

from __future__ import annotations

from typing import Any

from components.regional_stack import RegionalStack
from monitoring_stack.alerts import Alerts
from monitoring_stack.failed_jobs import FailedJobs


class MonitoringStack(RegionalStack):
    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, kind="monitoring", **properties)
        alerts = Alerts(self, "Alerts", strategy=self.strategy)
        FailedJobs(self, "FailedJobs", topic=alerts.topic)
