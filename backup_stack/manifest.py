"""Writes what the stores hold whenever a rule starts a backup, so that a restore can later be compared with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aws_cdk import Duration
from aws_cdk.aws_events import Rule, Schedule
from aws_cdk.aws_events_targets import LambdaFunction
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from backup_stack.stores import Stores
from components.function import Function
from components.network import Network
from components.permissions import connect_as_verifier, database_login, read_table, write_evidence
from components.stores import physical_name
from strategy import Strategy, naming
from strategy.model import MySqlStore
from strategy.schedule import distinct


class Manifest(Construct):
    """Runs in the VPC, where RDS's API cannot be reached: the database's address comes with the environment."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        stores: Stores,
        network: Network,
        code: Path,
    ) -> None:
        super().__init__(scope, construct_id)
        prefix, account = strategy.prefix, strategy.account
        bucket = naming.evidence_bucket(prefix, region, account)
        environment = {"EVIDENCE_BUCKET": bucket, "STORES": json.dumps(_reachable(strategy, stores))}
        permissions: list[PolicyStatement] = [write_evidence(bucket, naming.MANIFESTS)]
        for instance in stores.instances.values():
            environment |= {
                "DATABASE_HOST": instance.attr_endpoint_address,
                "DATABASE_PORT": instance.attr_endpoint_port,
                **database_login(),
            }
            permissions.append(connect_as_verifier(region, account))
        for name in stores.tables:
            table = physical_name(strategy, strategy.store(name))
            environment |= {"TABLE_NAME": table}
            permissions.append(read_table(naming.store_arn("dynamodb", region, account, table)))
        function = Function(
            self,
            "Function",
            name=naming.function(prefix, "write-manifest"),
            handler="recovery.functions.write_manifest.handler",
            code=code,
            timeout=Duration.minutes(15),
            memory=1024,
            environment=environment,
            permissions=permissions,
            network=network,
        )
        for rule in distinct(strategy.rules):  # two rules at one moment are one backup, and need one manifest
            Rule(
                self,
                rule.name.title().replace("-", ""),
                description=f"Manifest of what is backed up when {rule.name} starts",
                schedule=Schedule.expression(rule.schedule),
                targets=[LambdaFunction(function, retry_attempts=2, max_event_age=Duration.hours(1))],
            )


def _reachable(strategy: Strategy, stores: Stores) -> list[dict[str, Any]]:
    """What the function measures: the stores made here. A database missing from one of them is an error there."""
    made_here = {*stores.instances, *stores.tables}
    return [
        {"name": store.name, "kind": store.kind.value} | ({"databases": store.databases} if isinstance(store, MySqlStore) else {})
        for store in strategy.stores
        if store.name in made_here
    ]
