"""The region's network, as stacks other than the one that makes it see it.

Subnets and security groups have no names of their own. The stack that makes them publishes their ids as SSM parameters, the
others read them when they are deployed: nothing is exported, so either side can be deployed or changed alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Fn
from aws_cdk.aws_ssm import StringParameter
from constructs import Construct

from strategy.catalogue import names

BALANCER_SECURITY_GROUP = "balancer-security-group"
DATABASE_SECURITY_GROUP = "database-security-group"
DRILL_SECURITY_GROUP = "drill-security-group"
FUNCTION_SECURITY_GROUP = "function-security-group"
FUNCTION_SUBNETS = "function-subnets"


def publish(scope: Construct, *, prefix: str, values: dict[str, str]) -> None:
    """One parameter for each value; subnet lists are joined with commas."""
    for name, value in values.items():
        construct_id = name.title().replace("-", "")
        StringParameter(scope, construct_id, parameter_name=names.parameter(prefix, "network", name), string_value=value)


def join(values: Sequence[str]) -> str:
    return Fn.join(",", list(values))


class Network:
    """The published ids, read by the stack of `scope`."""

    def __init__(self, scope: Construct, *, prefix: str) -> None:
        self._scope = scope
        self._prefix = prefix

    @property
    def balancer_security_group(self) -> str:
        return self._read(BALANCER_SECURITY_GROUP)

    @property
    def database_security_group(self) -> str:
        return self._read(DATABASE_SECURITY_GROUP)

    @property
    def function_security_group(self) -> str:
        return self._read(FUNCTION_SECURITY_GROUP)

    @property
    def function_subnets(self) -> list[str]:
        return Fn.split(",", self._read(FUNCTION_SUBNETS))

    def _read(self, name: str) -> str:
        return StringParameter.value_for_string_parameter(self._scope, names.parameter(self._prefix, "network", name))
