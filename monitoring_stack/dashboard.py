"""The dashboard of a region in CloudWatch: the body is the strategy's (`strategy.catalogue.dashboard`), as on the local page."""

from __future__ import annotations

from aws_cdk.aws_cloudwatch import CfnDashboard
from constructs import Construct

from strategy import Strategy
from strategy.catalogue import dashboard, names


class RegionDashboard(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        super().__init__(scope, construct_id)
        CfnDashboard(
            self,
            "Dashboard",
            dashboard_name=names.dashboard(strategy.prefix, region),
            dashboard_body=dashboard.text(strategy, region),
        )
