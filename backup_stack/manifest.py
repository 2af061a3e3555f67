"""Writes what the stores hold whenever a rule starts a backup, so that a restore can later be compared with it.

    measure and write, in the VPC ▸ (a table too large for that: piece by piece, and add up) ▸ sign, outside of it

MySQL is measured where KMS cannot be reached. What is signed is what the first function answers that it wrote, and never what is
found in the bucket: whoever may only write there gets no signature.
"""

from __future__ import annotations

import json
from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_events import Schedule
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_stepfunctions import Choice, Condition, DefinitionBody, IChainable
from constructs import Construct

from backup_stack.evidence_chain import Sealing
from backup_stack.stores import Stores
from components.function import Function
from components.network import Network
from components.permissions import (
    WildcardStatement,
    connect_as_verifier,
    database_login,
    measure_in_pieces,
    read_table,
    write_evidence,
)
from components.sliced_verification import each_piece
from components.state_machine import Machine
from components.stores import physical_name
from components.tasks import ANY, invoke
from components.workflow_rule import WorkflowRule
from strategy import Strategy
from strategy.catalogue import names
from strategy.checks.schedule import distinct
from strategy.contracts.contract import template_of
from strategy.contracts.manifest import ManifestRequest, MeasuredStore, SignRequest
from strategy.model.strategy import MySqlStore

_WRITE_TIMEOUT, _SIGN_TIMEOUT = Duration.minutes(15), Duration.minutes(2)
_WRITE = "Write what the stores hold"
_EACH = "Every object of the folder: manifests are named for store and moment"


class Manifests(Construct):
    """What measures runs in the VPC, where RDS's API cannot be reached: the database's address comes with the environment."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        stores: Stores,
        network: Network,
        sealing: Sealing,
        code: Path,
    ) -> None:
        super().__init__(scope, construct_id)
        self._strategy, self._region, self._code = strategy, region, code
        self._bucket = names.evidence_bucket(strategy.prefix, region, strategy.account)
        write, sign = self._write(stores, network), self._sign(sealing)
        written = invoke(
            self,
            "Write",
            name=_WRITE,
            function=write,
            request=template_of(ManifestRequest),
            timeout=_WRITE_TIMEOUT,
            assign={"written": "{% $states.result.Payload %}"},
        )
        # Whatever it was, a backup was taken now: the sooner the next try, the closer it is to that moment.
        written.add_retry(errors=ANY, max_attempts=2, interval=Duration.minutes(1))
        signed = self._signed(sign)
        several = Choice.jsonata(self, "Several", state_name=f"{_WRITE}: in pieces?")
        several.when(Condition.jsonata("{% $count($written.pieces) > 0 %}"), self._in_pieces(write, signed))
        several.otherwise(signed)
        machine = Machine(
            self,
            "Workflow",
            name=names.state_machine(strategy.prefix, names.MANIFESTS),
            comment="Writes what the stores hold when a backup begins, and signs it",
            definition=DefinitionBody.from_chainable(written.next(several)),
            timeout=Duration.hours(3),
        )
        for rule in distinct(strategy.rules):  # two rules at one moment are one backup, and need one manifest
            WorkflowRule(
                self,
                rule.name.title().replace("-", ""),
                strategy=strategy,
                region=region,
                name=names.rule(strategy.prefix, names.MANIFESTS, rule.name),
                machine=machine,
                retry_attempts=2,
                max_event_age=Duration.hours(1),
                description=f"Manifest of what is backed up when {rule.name} starts",
                schedule=Schedule.expression(rule.schedule),
            )

    def _in_pieces(self, write: Function, signed: IChainable) -> IChainable:
        """A piece that failed for good fails the whole: there is no manifest of half a table."""
        pieces = each_piece(
            self,
            "Pieces",
            name=_WRITE,
            function=write,
            pieces="$written.pieces",
            request=template_of(ManifestRequest),
            assign={"measured": "{% $states.result %}"},
        )
        together = invoke(
            self,
            "Together",
            name=f"{_WRITE}: add up",
            function=write,
            request=template_of(ManifestRequest, written="{% $written %}", measured="{% $measured %}"),
            timeout=_WRITE_TIMEOUT,
            assign={"written": "{% $states.result.Payload %}"},
        )
        pieces.next(together)
        together.next(signed)
        return pieces

    def _signed(self, sign: Function) -> IChainable:
        signed = invoke(
            self,
            "Sign",
            name="Sign it",
            function=sign,
            request=template_of(SignRequest, written="{% $written %}"),
            timeout=_SIGN_TIMEOUT,
            assign={},
        )
        signed.add_retry(errors=ANY, max_attempts=6, interval=Duration.minutes(1), backoff_rate=2)
        return signed

    def _write(self, stores: Stores, network: Network) -> Function:
        strategy, region, account = self._strategy, self._region, self._strategy.account
        environment = {
            "EVIDENCE_BUCKET": self._bucket,
            "STORES": json.dumps([each.to_json() for each in _reachable(strategy, stores)]),
        }
        permissions: list[PolicyStatement] = [write_evidence(self._bucket, names.MANIFESTS), measure_in_pieces(self._bucket)]
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
            permissions.append(read_table(names.store_arn("dynamodb", region, account, table)))
        return Function(
            self,
            "Function",
            name=names.function(strategy.prefix, "write-manifest"),
            handler="recovery.handlers.write_manifest.handler",
            code=self._code,
            timeout=_WRITE_TIMEOUT,
            memory=1024,
            environment=environment,
            permissions=permissions,
            network=network,
        )

    def _sign(self, sealing: Sealing) -> Function:
        objects = f"arn:aws:s3:::{self._bucket}"
        return Function(
            self,
            "Signer",
            name=names.function(self._strategy.prefix, "sign-manifests"),
            handler="recovery.handlers.sign_manifests.handler",
            code=self._code,
            timeout=_SIGN_TIMEOUT,
            memory=256,
            environment=sealing.environment | {"EVIDENCE_BUCKET": self._bucket},
            permissions=[
                PolicyStatement(actions=["kms:GetPublicKey", "kms:Sign"], resources=[sealing.key.key_arn]),
                WildcardStatement(
                    actions=["s3:GetObject", "s3:PutObject", "s3:PutObjectRetention"],
                    resources=[f"{objects}/{names.MANIFESTS}/*"],
                    because=_EACH,
                ),
                PolicyStatement(actions=["s3:PutObject"], resources=[f"{objects}/{names.CHAIN}/{self._region}/public-key.pem"]),
            ],
        )


def _reachable(strategy: Strategy, stores: Stores) -> list[MeasuredStore]:
    """What the function measures: the stores made here. A database missing from one of them is an error there."""
    made_here = {*stores.instances, *stores.tables}
    return [
        MeasuredStore(name=store.name, kind=store.kind.value, databases=store.databases if isinstance(store, MySqlStore) else ())
        for store in strategy.stores
        if store.name in made_here
    ]
