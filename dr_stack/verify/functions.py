"""The functions that check restored data. They read; only evidence is written."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

from aws_cdk import Duration
from constructs import Construct

from components.function import Function, checking_signatures
from components.network import Network
from components.permissions import (
    connect_as_verifier,
    database_login,
    measure_in_pieces,
    read_manifests,
    read_table,
    write_evidence,
)
from dr_stack.region_arns import Places
from strategy import Strategy
from strategy.catalogue import names
from strategy.contracts.verify import DYNAMODB, MYSQL, InvariantQuery
from strategy.model.strategy import MySqlStore

_TESTED = "AWS Backup chooses the name of what a restore test makes: random, but for how it begins"
_RESTORED = "What plans make: the name ends in the id of a plan, which is not known before"
VERIFY_TIMEOUT = Duration.minutes(15)


class Functions(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, network: Network, code: Path
    ) -> None:
        super().__init__(scope, construct_id)
        prefix, account = strategy.prefix, strategy.account
        bucket = names.evidence_bucket(prefix, region, account)
        evidence = [*read_manifests(bucket), write_evidence(bucket, names.VERIFICATIONS), measure_in_pieces(bucket)]
        places = Places(strategy, region)
        self.verify_mysql = Function(
            self,
            "VerifyMySql",
            name=names.function(prefix, MYSQL),
            handler="recovery.handlers.verify_mysql.handler",
            code=checking_signatures(code),
            timeout=VERIFY_TIMEOUT,
            memory=1024,
            environment=database_login() | {"INVARIANTS": _invariants(strategy)},
            permissions=[connect_as_verifier(region, account), *evidence],
            network=network,
        )
        self.verify_dynamodb = Function(
            self,
            "VerifyDynamoDb",
            name=names.function(prefix, DYNAMODB),
            handler="recovery.handlers.verify_dynamodb.handler",
            code=checking_signatures(code),
            timeout=VERIFY_TIMEOUT,
            memory=1024,
            environment={},
            permissions=[
                *(read_table(table, because=_RESTORED) for table in places.any_table),
                read_table(names.store_arn("dynamodb", region, account, f"{names.TESTED}*"), because=_TESTED),
                *evidence,
            ],
        )


def _invariants(strategy: Strategy) -> str:
    """By store, as the function reads them."""
    return json.dumps(
        {
            store.name: [
                InvariantQuery(name=each.name, meaning=each.meaning, offending=dedent(each.offending).strip()).to_json()
                for each in store.invariants
            ]
            for store in strategy.stores
            if isinstance(store, MySqlStore)
        }
    )
