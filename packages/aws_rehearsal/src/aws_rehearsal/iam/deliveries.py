"""What a delivery needs that AWS makes by itself, and as whom it is made: rules, topics, functions and alarms that call a target.

"Using resource-based policies for Amazon EventBridge" and "Using dead-letter queues" (EventBridge User Guide); "Key management"
(Amazon SNS Developer Guide); "Key management" (Amazon SQS Developer Guide): whoever sends uses the key of an encrypted target.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from aws_rehearsal import keys
from aws_rehearsal.iam import callers, identities, principals
from aws_rehearsal.iam.decisions import Decision
from aws_rehearsal.iam.need import Need
from aws_rehearsal.iam.principals import Principal, Sort, account_of

if TYPE_CHECKING:
    from aws_rehearsal.iam.guard import Guard

EVENTS, SNS, ALARMS = "events.amazonaws.com", "sns.amazonaws.com", "cloudwatch.amazonaws.com"
_ACTIONS = {
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
    "lambda": "lambda:InvokeFunction",
    "states": "states:StartExecution",
    "events": "events:PutEvents",
}
_SENDING = ("kms:GenerateDataKey", "kms:Decrypt")


def refusal(guard: Guard, source: str, target: Mapping[str, Any]) -> Decision | None:
    """What refuses a delivery; None when nothing does.

    `source` is the ARN of a rule, topic or function, and `target` one of EventBridge's: `Arn`, and `RoleArn` where it has a role.
    """
    arn, sender, region = target["Arn"], _service(source), source.split(":")[3]
    if not _there(arn):
        return None  # the delivery itself says so
    if sender == "lambda":
        caller = _function(source)
    elif role := target.get("RoleArn"):
        trusted = guard.assume(role, principals.service(EVENTS, source_arn=source), session=_session(source), region=region)
        if isinstance(trusted, Decision):
            return trusted
        caller = trusted
    elif sender == "sns":
        caller = principals.service(SNS, source_arn=source)
    else:
        # EventBridge tells every target but a topic for which rule it comes: a condition in a topic's policy is not met.
        caller = principals.service(EVENTS, source_arn="" if _service(arn) == "sns" else source)
    return guard.first_denied(caller, needs(caller, arn), region)


def of_alarm(guard: Guard, alarm: str, topic: str) -> Decision | None:
    """What refuses an alarm's publishing to a topic. The policy that SNS gives to each topic lets in what its owner owns."""
    account = account_of(alarm)
    caller = principals.service(ALARMS, source_arn=alarm, source_account=account, source_owner=account)
    return guard.first_denied(caller, needs(caller, topic), alarm.split(":")[3])


def needs(caller: Principal, arn: str) -> Iterator[Need]:
    """To deliver to a target: its own action, and the use of its key."""
    service = _service(arn)
    yield Need(_ACTIONS[service], (arn,))
    reference, context = _encryption(arn)
    if not reference:
        return
    region, account = arn.split(":")[3], account_of(arn)
    found = keys.find(reference, account, region)
    managed = reference.rpartition("alias/")[2].startswith("aws/") or (found is not None and found.key_manager == "AWS")
    if managed and caller.sort is not Sort.SERVICE:
        return  # the policy of an AWS managed key lets everyone in the account use it through its service
    if found is None and not managed:
        return  # SNS and SQS refuse a key that is not there
    key = found.arn if found is not None else keys.make_managed(region, account, service)
    for action in _SENDING:
        yield Need(action, (key,), {"kms:viaservice": (f"{service}.{region}.amazonaws.com",)} | context)


def _there(arn: str) -> bool:
    region, account = arn.split(":")[3], account_of(arn)
    match _service(arn):
        case "sns":
            return arn in sns_backends[account][region].topics
        case "sqs":
            return arn.rpartition(":")[2] in sqs_backends[account][region].queues
        case "lambda":
            return bool(_role_of(arn))
    return True


def _encryption(arn: str) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The key of a topic or queue, as it is kept, and its encryption context; nothing where it has none."""
    region, account, name = arn.split(":")[3], account_of(arn), arn.rpartition(":")[2]
    match _service(arn):
        case "sns":
            topic = sns_backends[account][region].topics.get(arn)
            named, reference = "aws:sns:topicarn", topic.kms_master_key_id if topic is not None else ""
        case "sqs":
            queue = sqs_backends[account][region].queues.get(name)
            named, reference = "aws:sqs:arn", queue.kms_master_key_id if queue is not None else ""
        case _:
            return "", {}
    return reference or "", {f"kms:encryptioncontext:{named}": (arn,), "kms:encryptioncontextkeys": (named,)}


def _function(arn: str) -> Principal:
    """A function sends its own failures: a session of its role."""
    return identities.session(_role_of(arn), arn.split(":")[6])


def _role_of(function: str) -> str:
    """Empty where there is no such function."""
    return callers.function_role(function.split(":")[6], function.split(":")[3], account_of(function))


def _session(source: str) -> str:
    return source.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def _service(arn: str) -> str:
    return arn.split(":")[2]
