"""Closes and opens one region: the world's way to its load balancer, and the services' users in MySQL. Repeating changes nothing.

RDS gives nobody the privilege to set a whole server read-only; what is done instead is what a restore does to its old store
(`recovery.fence.store`): the services' users are locked, and their connections end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recovery import endpoint
from recovery.lambda_runtime import TryAgain
from recovery.mysql import DatabaseUnreachable, LoginRefused
from recovery.restore import target
from recovery.restore.database import DatabaseRefused
from recovery.restore.master import Client, Master
from strategy.catalogue import names, store_states

_WORLD = "0.0.0.0/0"
Act = Callable[[Master, Sequence[str]], object]
"""Done with a store's users."""


@dataclass(frozen=True, slots=True)
class Fenced:
    """What stands in one region. `databases`: MySQL stores and the services that use them."""

    prefix: str
    group: str
    ports: Sequence[int]
    databases: Mapping[str, Sequence[str]]
    client: Client

    def close(self) -> list[str]:
        """What could not be closed, in words; nothing is left out because of another."""
        self._entrance(opened=False)
        return self._databases(Master.fence)

    def open(self) -> list[str]:
        """The database first: customers find it when they come."""
        left = self._databases(Master.lift)
        self._entrance(opened=True)
        return left

    # ------------------------------------------------------------------ the load balancer
    def _entrance(self, *, opened: bool) -> None:
        ec2 = self.client("ec2")
        (group,) = ec2.describe_security_groups(GroupIds=[self.group])["SecurityGroups"]
        there = {
            rule["FromPort"]
            for rule in group["IpPermissions"]
            for each in rule.get("IpRanges", [])
            if each["CidrIp"] == _WORLD and "FromPort" in rule
        }
        wanted = set(self.ports)
        ports, change = (
            (wanted - there, ec2.authorize_security_group_ingress)
            if opened
            else (wanted & there, ec2.revoke_security_group_ingress)
        )
        if ports:
            change(GroupId=self.group, IpPermissions=[_rule(port) for port in sorted(ports)])

    # ------------------------------------------------------------------ MySQL
    def _databases(self, act: Act) -> list[str]:
        left = []
        for store, services in self.databases.items():
            if reason := self._database(act, store, [names.service_user(each) for each in services]):
                left.append(f"{store}: {reason}")
        return left

    def _database(self, act: Act, store: str, users: list[str]) -> str:
        name = self._in_use(store)
        instance = target.describe(self.client("rds"), name) if name else None
        if instance is None or store_states.of("mysql", instance["DBInstanceStatus"]).silent or "Endpoint" not in instance:
            return ""  # nobody can write to it; the fence looks again in a minute
        try:
            act(Master(_Place(self.prefix, store), self.client, instance), users)
        except (DatabaseRefused, DatabaseUnreachable, LoginRefused, TryAgain) as error:
            return str(error)
        return ""

    def _in_use(self, store: str) -> str | None:
        return endpoint.resource(self.client("ssm"), self.prefix, store)


@dataclass(frozen=True, slots=True)
class _Place:
    prefix: str
    store: str


def _rule(port: int) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": _WORLD, "Description": "The world"}]}
