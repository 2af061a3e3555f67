"""The credentials of MySQL's master user and of the services: secrets of our own, replicated.

Passwords that RDS manages itself forbid read replicas and are not offered at restore. The secrets belong to the home region,
whichever role it has, and the other region has replicas under the same names: a replica's name is taken for ever, so that a stack
that followed the roles could not make its own after a swap.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from aws_cdk import RemovalPolicy, SecretValue
from aws_cdk.aws_secretsmanager import ReplicaRegion, Secret, SecretStringGenerator
from constructs import Construct

from components.acknowledge import acknowledge
from strategy import Strategy
from strategy.catalogue import names
from strategy.model.strategy import MySqlStore

MASTER_USER = "admin"
_EVERY_RESTORE = "Every restore resets the password from this secret; a rotation in one region would not reach the other"
_SECRET = {
    "AwsSolutions-SMG4": _EVERY_RESTORE,
    "NIST.800.53.R5-SecretsManagerRotationEnabled": _EVERY_RESTORE,
    "NIST.800.53.R5-SecretsManagerUsingKMSKey": "Each region's own key opens its replica; none of ours can be lost with a region",
}


def logins(scope: Construct, *, strategy: Strategy, store: MySqlStore, region: str) -> Callable[[str], SecretValue]:
    """Makes the secrets where `region` is home. Answers what reads a value of the master user's, in either region."""
    regions, name = strategy.regions, names.database_secret(strategy.prefix, store.name)
    if region != names.home(regions.primary, regions.recovery):
        return lambda field: SecretValue.secrets_manager(name, json_field=field)  # by its name: the replica here
    to = regions.other(region)
    whose = f"Master user of {names.store(strategy.prefix, store.name)}"
    master = Login(scope, "Master", name=name, user=MASTER_USER, whose=whose, to=to)
    for service in strategy.services_of(store.name):
        Login(
            scope,
            f"{service.name.title().replace('-', '')}Service",
            name=names.service_secret(strategy.prefix, store.name, service.name),
            user=names.service_user(service.name),
            whose=f"The {service.name} service in {names.store(strategy.prefix, store.name)}",
            to=to,
        )
    return master.secret_value_from_json


class Login(Secret):
    """A database user's name and generated password, replicated `to` a region: every restore resets the password from it."""

    def __init__(self, scope: Construct, construct_id: str, *, name: str, user: str, whose: str, to: str) -> None:
        super().__init__(
            scope,
            construct_id,
            secret_name=name,
            description=whose,
            generate_secret_string=SecretStringGenerator(
                secret_string_template=json.dumps({"username": user}),
                generate_string_key="password",
                password_length=32,
                exclude_punctuation=True,  # RDS refuses / @ " and spaces
            ),
            replica_regions=[ReplicaRegion(region=to)],
            removal_policy=RemovalPolicy.RETAIN,
        )
        acknowledge(self, _SECRET)
