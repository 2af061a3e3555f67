"""A second person's yes: kept in the plans table, under the name of what is approved. Nothing that approves is ever mailed.

The workflow looks at it each minute, and takes no yes of whoever made the plan. The answer outlives an attempt: it is not asked
again when the plan is resumed.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from recovery.errors import WrongInput
from recovery.region.source import Client
from recovery.restore.region_plan import RegionPlan
from strategy.catalogue import names, plan_record
from strategy.catalogue.region_steps import Approval
from strategy.contracts.region import ApprovalAnswer


class NotYours(WrongInput):
    """Whoever made a plan does not approve it; the message says who may."""


class NothingToApprove(WrongInput):
    """The plan does not wait for this; the message says why."""


def look(plan: RegionPlan, what: Approval, client: Client) -> ApprovalAnswer:
    found = _read(plan, what, client("dynamodb"))
    if found is None or person(found["by"]) == person(plan.made_by):
        option = "" if what is Approval.RECOVER else f" --for {what.value}"
        waiting = f"somebody other than {plan.made_by} to type: python -m recovery approve {plan.plan_id}{option}"
        return ApprovalAnswer(done=False, waiting_for=waiting, by="", at="")
    return ApprovalAnswer(done=True, waiting_for="", by=found["by"], at=found["at"])


def approve(plan: RegionPlan, what: Approval, client: Client, *, by: str, now: datetime) -> dict[str, str]:
    """Who said yes, and when; the first yes stands. `by` is the ARN that AWS gives the caller."""
    if not plan.approvals or (what is Approval.CUT_OVER and plan.drill):
        raise NothingToApprove(f"plan {plan.plan_id} waits for no approval{_of(what)}")
    if person(by) == person(plan.made_by):
        raise NotYours(f"plan {plan.plan_id} was made by {plan.made_by}, which is you: somebody else must approve it")
    dynamodb = client("dynamodb")
    given = {"by": by, "at": now.isoformat(timespec="seconds")}
    try:
        dynamodb.update_item(
            TableName=names.plans_table(plan.prefix),
            Key=_key(plan),
            UpdateExpression="SET #what = :given",
            # The key and this attribute alone: an approver may name no other.
            ConditionExpression="attribute_exists(#key) AND attribute_not_exists(#what)",
            ExpressionAttributeNames={"#what": plan_record.approved(what), "#key": plan_record.KEY},
            ExpressionAttributeValues={":given": {"S": json.dumps(given)}},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        before = _read(plan, what, dynamodb)
        if before is None:
            raise NothingToApprove(f"plan {plan.plan_id} was not started in {plan.region}") from error
        return before
    return given


def _of(what: Approval) -> str:
    return "" if what is Approval.RECOVER else f" of `{what.value}`"


def person(arn: str) -> str:
    """Who stands behind an ARN: of a role that was taken, the session's name is the person's, whichever role it was."""
    kind, _, rest = arn.partition(":assumed-role/")
    return rest.rpartition("/")[2].lower() if rest else kind.lower()


def _read(plan: RegionPlan, what: Approval, dynamodb: Any) -> dict[str, str] | None:
    answer = dynamodb.get_item(TableName=names.plans_table(plan.prefix), Key=_key(plan), ConsistentRead=True)
    text = answer.get("Item", {}).get(plan_record.approved(what), {}).get("S")
    if text is None:
        return None
    found: dict[str, str] = json.loads(text)
    return found


def _key(plan: RegionPlan) -> dict[str, Any]:
    return {plan_record.KEY: {"S": plan.plan_id}}
