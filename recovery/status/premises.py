"""Reading what a restore stands on besides the data: role, groups, secret, workflows, endpoint, and a free name.

Each answers with what would stop a restore tonight, or None. All but IAM are asked in the region itself; IAM has no regions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from recovery.aws import AwsTrouble, NotChecked, ask
from strategy.catalogue.names import PLAN_ID

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_stepfunctions import SFNClient

_ABSENT = frozenset(
    {
        "DBInstanceNotFound",
        "DBParameterGroupNotFound",
        "DBSubnetGroupNotFoundFault",
        "NoSuchEntity",
        "ResourceNotFoundException",
        "StateMachineDoesNotExist",
    }
)


def restore_role(iam: Any, name: str) -> str | NotChecked | None:
    """IAM is read from us-east-1: where that does not answer, a restore still works, so this is not worth failing for."""
    try:
        answer = ask("IAM", lambda: _found(lambda: iam.get_role(RoleName=name)))
    except AwsTrouble as error:
        return NotChecked(f"IAM, which is read from us-east-1, did not answer ({error})")
    return answer if isinstance(answer, NotChecked) else None if answer else f"there is no role {name}"


def subnet_group(rds: RDSClient, name: str) -> str | None:
    found = _found(lambda: rds.describe_db_subnet_groups(DBSubnetGroupName=name))
    return None if found else f"there is no subnet group {name}"


def parameter_group(rds: RDSClient, name: str) -> str | None:
    found = _found(lambda: rds.describe_db_parameter_groups(DBParameterGroupName=name))
    return None if found else f"there is no parameter group {name}"


def secret(secrets: SecretsManagerClient, name: str) -> str | None:
    found = _found(lambda: secrets.describe_secret(SecretId=name))
    if not found:
        return f"there is no secret {name} in this region"
    return f"the secret {name} is being deleted" if found.get("DeletedDate") else None


def workflow(states: SFNClient, arn: str) -> str | None:
    found = _found(lambda: states.describe_state_machine(stateMachineArn=arn))
    name = arn.rpartition(":")[2]
    if not found:
        return f"there is no state machine {name}"
    return None if found["status"] == "ACTIVE" else f"the state machine {name} is {found['status']}"


def adopted(resource: str | None, name: str, command: str) -> str | None:
    """Whether the store that the application uses is the strategy's, by its endpoint; `command` is how to make it so."""
    if resource in {None, name}:
        return None
    plan_id = re.search(f"-({PLAN_ID})$", resource)
    if plan_id is None:
        return f"the application uses {resource}, which the strategy does not name"
    return f"restored store {resource} is not adopted: {command.format(plan_id[1])}"


def instance_exists(rds: RDSClient, name: str) -> bool:
    return _found(lambda: rds.describe_db_instances(DBInstanceIdentifier=name)) is not None


def table_exists(dynamodb: Any, name: str) -> bool:
    return _found(lambda: dynamodb.describe_table(TableName=name)) is not None


def _found(call: Callable[[], Any]) -> Any | None:
    """What the call answers; None where AWS says that there is no such thing."""
    try:
        return call()
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return None
        raise
