"""MonitoringStack: in both regions, because either may be the one that is left; its role decides what is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from components.regional_stack import RegionalStack
from monitoring_stack.alarms import Alarms
from monitoring_stack.alerts import Alerts
from monitoring_stack.dashboard import RegionDashboard
from monitoring_stack.digest import DailyDigest
from monitoring_stack.monitor import Monitor
from monitoring_stack.notifications import Speaking


class MonitoringStack(RegionalStack):
    def __init__(self, *arguments: Any, functions: Path, **properties: Any) -> None:
        super().__init__(*arguments, kind="monitoring", **properties)
        alerts = Alerts(self, "Alerts", strategy=self.strategy)
        Speaking(self, "Speaking", strategy=self.strategy, region=self.home, topic=alerts.topic, code=functions)
        DailyDigest(self, "Digest", strategy=self.strategy, region=self.home, topic=alerts.topic, code=functions)
        RegionDashboard(self, "Dashboard", strategy=self.strategy, region=self.home)
        monitor = Monitor(self, "Monitor", strategy=self.strategy, region=self.home, code=functions)
        Alarms(self, "Alarms", strategy=self.strategy, region=self.home, after=monitor.first_beat)
