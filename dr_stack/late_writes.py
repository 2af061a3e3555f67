"""The function that counts late writes in this region's old stores. It stands in the VPC, reads, and writes one record."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from components.function import Function
from components.network import Network
from components.permissions import WildcardStatement, connect_as_verifier, database_login, write_evidence
from dr_stack.region_arns import Places
from strategy import Strategy
from strategy.catalogue import names
from strategy.contracts.contract import text_of
from strategy.contracts.dates import Dates, ItemDates
from strategy.contracts.late_writes import LATE_WRITES
from strategy.contracts.requests.dates import dates_of
from strategy.model.strategy import MySqlStore, Store


class LateWrites(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, network: Network, code: Path
    ) -> None:
        super().__init__(scope, construct_id)
        prefix, places = strategy.prefix, Places(strategy, region)
        bucket = names.evidence_bucket(prefix, region, strategy.account)
        permissions: list[PolicyStatement] = [
            connect_as_verifier(region, strategy.account),
            WildcardStatement(
                actions=["dynamodb:Scan"],
                resources=places.any_table,
                because="The old table may be one that a plan restored: its name ends in the plan's id",
            ),
            write_evidence(bucket, names.RECOVERIES),
        ]
        Function(
            self,
            "Function",
            name=names.function(prefix, LATE_WRITES),
            handler="recovery.handlers.late_writes.handler",
            code=code,
            timeout=Duration.minutes(15),
            memory=512,
            environment=database_login()
            | {"BUCKET": bucket, "STORES": text_of({each.name: _dated(each) for each in strategy.stores})},
            permissions=[each for each in permissions if each.resources],
            network=network,
        )


def _dated(store: Store) -> Dates:
    """What dates its rows, or its items."""
    return dates_of(store) if isinstance(store, MySqlStore) else ItemDates(written_at=store.written_at or "")
