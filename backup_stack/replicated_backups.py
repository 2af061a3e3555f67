"""Automated backups of MySQL, replicated to the other region: minutes of loss, where copies of recovery points mean hours.

RDS encrypts them with a key of the region that receives them, and takes nothing but the key's ARN, which no name can stand for.
So that region deploys first and says its key's ARN, and the primary is given it as a parameter (`deployment/deploy.py`).
"""

from __future__ import annotations

from aws_cdk import CfnOutput, CfnParameter, Stack
from aws_cdk.aws_ssm import StringParameter
from constructs import Construct

from backup_stack.keys import LastingKey
from strategy import Strategy
from strategy.catalogue import names
from strategy.model.strategy import MySqlStore


def key_wanted(strategy: Strategy) -> bool:
    """Also for an instance of someone else's, who needs the key, and for a read replica: one key for what arrives of MySQL."""
    return any(isinstance(store, MySqlStore) and (store.replicated_backups or store.read_replica) for store in strategy.stores)


class ReceivingKey(Construct):
    """A region's key for what the other region's MySQL sends; in both regions, so that a swap makes none."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        super().__init__(scope, construct_id)
        key = LastingKey(
            self,
            "Key",
            strategy=strategy,
            region=region,
            purpose="replicated-backups",
            description="Encrypts what the other region's MySQL replicates here; without it nothing of that can be restored",
        )
        StringParameter(self, "Parameter", parameter_name=names.replicated_backups_key(strategy.prefix), string_value=key.key_arn)
        output = CfnOutput(self, "Arn", value=key.key_arn, description="Parameter of the other region's backup stack")
        output.override_logical_id(names.REPLICATED_BACKUPS_KEY)


def received_key(stack: Stack, *, strategy: Strategy, region: str) -> str:
    """The ARN of the key in `region`, as this stack is told it when it is deployed. No default: a wrong key is no backup."""
    return CfnParameter(
        stack,
        names.REPLICATED_BACKUPS_KEY,
        type="String",
        allowed_pattern=f"^arn:aws:kms:{region}:{strategy.account}:key/[0-9a-z-]+$",
        constraint_description=f"the ARN of a KMS key in {region}; `make deploy` reads it from that region's backup stack",
        description=f"Key in {region} that encrypts the replicated backups of MySQL",
    ).value_as_string
