"""Turns the standby workload on: one parameter of its stack, everything else as it was deployed. Looked at until it stands.

UpdateStack with the previous template and every other parameter's previous value: no laptop, no CDK, no asset on the night.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from recovery.lambda_runtime import TryAgain
from recovery.region.source import Client
from recovery.restore.region_plan import RegionPlan
from strategy.catalogue import names as naming
from strategy.contracts.region import WorkloadAnswer

_STANDS = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"})
_AT_WORK = "_IN_PROGRESS"
_NOTHING_TO_DO = "No updates are to be performed"


class WorkloadFailed(Exception):
    """The workload could not be turned on; the message says what CloudFormation said, and what to do."""


def activate(plan: RegionPlan, client: Client) -> WorkloadAnswer:
    formation, name = client("cloudformation"), naming.stack(plan.prefix, "standby")
    stack = _stack(formation, name)
    if stack is None:
        raise WorkloadFailed(f"there is no stack {name} in {plan.region}: deploy it, then resume plan {plan.plan_id}")
    status, parameters = (
        stack["StackStatus"],
        {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])},
    )
    if naming.ACTIVATED not in parameters:
        because = f"stack {name} has no parameter {naming.ACTIVATED}: this environment's services are not this project's to start"
        return _answer(plan, client, because=because)
    if status.endswith(_AT_WORK):
        return _waiting(f"stack {name}, {status}")
    if status not in _STANDS:
        raise WorkloadFailed(
            f"stack {name} is {status}: {stack.get('StackStatusReason', 'look at its events')}; fix it, then resume"
        )
    if parameters[naming.ACTIVATED] == "true":
        return _answer(plan, client, because="")
    role = naming.role_arn(plan.prefix, naming.ACTIVATE, plan.region, plan.account)
    if not _update(formation, name, [key for key in parameters if key != naming.ACTIVATED], role):
        return _answer(plan, client, because=f"CloudFormation says: {_NOTHING_TO_DO}")
    return _waiting(f"stack {name} to be activated")


def _stack(formation: Any, name: str) -> Any | None:
    try:
        return formation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in error.response["Error"].get("Message", ""):
            return None
        raise


def _update(formation: Any, name: str, others: list[str], role: str) -> bool:
    """In `role`, an ARN: the stack's own is an administrator's, and may not be used."""
    kept = [{"ParameterKey": key, "UsePreviousValue": True} for key in others]
    try:
        formation.update_stack(
            StackName=name,
            UsePreviousTemplate=True,
            RoleARN=role,
            Parameters=[{"ParameterKey": naming.ACTIVATED, "ParameterValue": "true"}, *kept],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
    except ClientError as error:
        message = error.response["Error"].get("Message", "")
        if _NOTHING_TO_DO in message:
            return False
        if "IN_PROGRESS" in message:
            raise TryAgain(message) from error
        raise
    return True


def installed(plan: RegionPlan, client: Client) -> list[str]:
    """The plan's services that have an environment in this region."""
    names = {naming.service_environment(plan.prefix, each): each for each in plan.services}
    if not names:
        return []
    answer = client("elasticbeanstalk").describe_environments(EnvironmentNames=list(names), IncludeDeleted=False)
    there = {each["EnvironmentName"] for each in answer["Environments"]}
    return [service for name, service in names.items() if name in there]


def _waiting(what: str) -> WorkloadAnswer:
    return WorkloadAnswer(done=False, waiting_for=what, because="", services=())


def _answer(plan: RegionPlan, client: Client, *, because: str) -> WorkloadAnswer:
    return WorkloadAnswer(done=True, waiting_for="", because=because, services=tuple(installed(plan, client)))
