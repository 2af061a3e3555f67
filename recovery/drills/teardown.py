"""Takes away what a drill made, and nothing else. Two hands, with two roles: one may mark and not delete, the other may delete
only what is marked.

A mark is put on a store only where the plans table or AWS itself says that this plan restored it. What the application uses,
what has another plan's mark, and what no drill planned is refused. Whether it is gone is for the workflow to see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from recovery import endpoint
from recovery.restore import target
from recovery.restore.plan import Plan
from recovery.restore.plan_lock import record
from strategy.catalogue import names
from strategy.catalogue.store_states import DELETING
from strategy.contracts.drills import TearDownAnswer

Client = Callable[[str], Any]
_JOB_OVER = frozenset({"COMPLETED", "FAILED", "ABORTED"})
_BUSY = frozenset(
    {
        "AccessDenied",  # a tag just put on is not yet seen by IAM
        "AccessDeniedException",
        "InvalidDBInstanceState",
        "InvalidDBInstanceStateFault",
        "LimitExceededException",
        "ResourceInUseException",
    }
)
"""It passes, or the workflow's patience does; then it is told."""


class NotOurs(Exception):
    """It is not this drill's, or it is in use: nothing was marked or deleted; the message says which."""


def mark(plan: Plan, client: Client) -> TearDownAnswer:
    """`done` once the store bears both marks, or there is none."""
    _refuse_what_is_used(plan, client)
    if job := _running_job(plan, client("backup")):
        return _waiting(f"the restore job {job} to end")
    found = target.find(plan, client, record(plan, client("dynamodb")))
    if found is None:
        return TearDownAnswer(done=True, waiting_for="", there=False)
    if not found.ours:
        raise NotOurs(f"{plan.target.name} was not restored by plan {plan.plan_id}: it was left alone")
    if _marked(plan, _tags(plan, client)) or found.status in DELETING:
        return TearDownAnswer(done=True, waiting_for="", there=True)
    return _tried(lambda: _tag(plan, client), f"the marks on {plan.target.name}, which is {found.status}")


def tear_down(plan: Plan, client: Client) -> TearDownAnswer:
    """`done` once AWS has taken the deletion, or there is nothing."""
    _refuse_what_is_used(plan, client)
    status = _status(plan, client)
    if status is None:
        return TearDownAnswer(done=True, waiting_for="", there=False)
    if status in DELETING:
        return TearDownAnswer(done=True, waiting_for="", there=True)
    if not _marked(plan, _tags(plan, client)):
        raise NotOurs(f"{plan.target.name} does not bear the marks of a drill of plan {plan.plan_id}: it was left alone")
    return _tried(lambda: _delete(plan, client), f"{plan.target.name}, which is {status}, to be deletable")


def _refuse_what_is_used(plan: Plan, client: Client) -> None:
    if not plan.drill:
        raise NotOurs(f"plan {plan.plan_id} is no drill's: nothing was touched")
    if plan.replica or not plan.target.name.endswith(f"-{plan.plan_id}"):
        raise NotOurs(f"plan {plan.plan_id} did not make {plan.target.name}, it was there before: nothing was touched")
    if endpoint.resource(client("ssm"), plan.prefix, plan.store) == plan.target.name:
        raise NotOurs(f"the application uses {plan.target.name}: it was left alone")


def _running_job(plan: Plan, backup: Any) -> str | None:
    """A restore of the plan's recovery point that began since the plan was made and is not over: its store is still to come.

    Asked of AWS Backup, since a crash may have come between a job's start and its note in the plans table.
    """
    if plan.recovery_point is None:
        return None
    pages = backup.get_paginator("list_restore_jobs").paginate(ByCreatedAfter=plan.made)
    running = (
        each
        for page in pages
        for each in page["RestoreJobs"]
        if each.get("RecoveryPointArn") == plan.recovery_point.arn and each.get("Status") not in _JOB_OVER
    )
    return next((str(each["RestoreJobId"]) for each in running), None)


def _status(plan: Plan, client: Client) -> str | None:
    """AWS's word; None when it says that there is no such thing."""
    if plan.route.kind == "mysql":
        instance = target.describe(client("rds"), plan.target.name)
        return None if instance is None else str(instance["DBInstanceStatus"])
    try:
        return str(client("dynamodb").describe_table(TableName=plan.target.name)["Table"]["TableStatus"])
    except ClientError as error:
        if error.response["Error"]["Code"] in target.GONE:
            return None
        raise


def _tags(plan: Plan, client: Client) -> dict[str, str]:
    if plan.route.kind == "mysql":
        instance = target.describe(client("rds"), plan.target.name) or {}
        return {tag["Key"]: tag["Value"] for tag in instance.get("TagList", [])}
    pages = client("dynamodb").get_paginator("list_tags_of_resource").paginate(ResourceArn=plan.target.arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def _marks(plan: Plan) -> dict[str, str]:
    return {names.PLAN_TAG: plan.plan_id, names.DRILL_TAG: "true"}


def _marked(plan: Plan, tags: Mapping[str, str]) -> bool:
    return _marks(plan).items() <= tags.items()


def _tag(plan: Plan, client: Client) -> None:
    tags = [{"Key": key, "Value": value} for key, value in _marks(plan).items()]
    if plan.route.kind == "mysql":
        client("rds").add_tags_to_resource(ResourceName=plan.target.arn, Tags=tags)
    else:
        client("dynamodb").tag_resource(ResourceArn=plan.target.arn, Tags=tags)


def _delete(plan: Plan, client: Client) -> None:
    if plan.route.kind == "mysql":
        client("rds").delete_db_instance(
            DBInstanceIdentifier=plan.target.name, SkipFinalSnapshot=True, DeleteAutomatedBackups=True
        )
    else:
        client("dynamodb").delete_table(TableName=plan.target.name)


def _tried(act: Callable[[], None], waiting_for: str) -> TearDownAnswer:
    """Looked at again in any case: only what is then seen counts."""
    try:
        act()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in target.GONE:
            return _waiting(f"{waiting_for} (gone meanwhile)")
        if code not in _BUSY:
            raise
        return _waiting(f"{waiting_for}: {error.response['Error'].get('Message') or code}")
    return _waiting(waiting_for)


def _waiting(what: str) -> TearDownAnswer:
    return TearDownAnswer(done=False, waiting_for=what, there=True)
