"""Delivery to targets: asynchronous, in AWS's words, never from or into a lost region.

PutEvents and Publish answer at once; deliveries happen on threads of their own, and the clock does not leap while one is on
its way. Who sends must be let in by the target's policy, or by the role of the target (`iam.deliveries`). AWS retries a failed
delivery for a day; here it is tried once, sent to the target's dead-letter queue if it has one, and remembered in `failures`.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.cloudwatch.models import cloudwatch_backends

from aws_rehearsal.events.payload import as_aws_sends_it, payload
from aws_rehearsal.gateway import OF_AWS
from aws_rehearsal.iam import deliveries
from aws_rehearsal.iam.principals import account_of

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

SERVICES = frozenset({"sns", "sqs", "lambda", "states"})
"""Targets delivered to through their own API; moto itself serves log groups, archives and event buses."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """A delivery that did not happen, and why."""

    source: str
    target: str
    reason: str


class RefusedError(Exception):
    """A delivery that a policy does not allow."""


class Delivery:
    """The deliveries of one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="delivery")
        self.failures: list[Failure] = []

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    def lost(self, arn: str) -> bool:
        return arn.split(":")[3] in self._cloud.gateway.lost_regions

    def event(self, rule: Any, event: dict[str, Any]) -> None:
        """Send an event to those targets of moto's rule that are ours."""
        sent = as_aws_sends_it(event)
        for target in rule.targets:
            if service(target["Arn"]) in SERVICES:
                self.send(rule.arn, target, payload(target, sent, rule_arn=rule.arn))

    def send(self, source: str, target: dict[str, Any], text: str) -> None:
        """Send `text` from `source` (an ARN) to a target as EventBridge describes one; returns before it is delivered."""
        call = getattr(self, f"_to_{service(target['Arn'])}")
        busy = contextlib.ExitStack()
        busy.enter_context(self._cloud.gateway.working())  # from now, so that the clock cannot leap before the thread starts

        def deliver() -> None:
            with busy:
                self._attempt(source, target, lambda: call(target, text), text)

        self._threads.submit(deliver)

    def _attempt(self, source: str, target: dict[str, Any], call: Callable[[], None], text: str) -> None:
        if self.lost(source):
            return  # the region that would have sent it is gone, and with it the event
        try:
            if self.lost(target["Arn"]):
                code, reason = "SDK_CLIENT_ERROR", "the target's region is lost"
            else:
                self.check(source, target)
                call()
                return
        except RefusedError as error:
            code, reason = "NO_PERMISSIONS", str(error)
        except Exception as error:  # noqa: BLE001  remembered, whatever it was: this thread has no one to raise it to
            code, reason = "NO_RESOURCE" if _absent(error) else "SDK_CLIENT_ERROR", str(error)
        self.fail(source, target["Arn"], reason)
        if target.get("DeadLetter"):
            return
        self._count(source)
        queue = target.get("DeadLetterConfig", {}).get("Arn")
        if queue and queue != target["Arn"]:
            letter = {"Arn": queue, "DeadLetter": True}
            about = _about(source, target["Arn"], code, reason) if service(source) == "events" else {}
            self._attempt(source, letter, lambda: self._to_sqs(letter, text, about), text)

    def check(self, source: str, target: dict[str, Any]) -> None:
        """Raises RefusedError where no policy lets the source send to the target."""
        if denied := deliveries.refusal(self._cloud.guard, source, target):
            raise RefusedError(denied.sentence)

    def _count(self, source: str) -> None:
        """EventBridge's own metric, of the rule."""
        if service(source) != "events":
            return
        datum = {
            "MetricName": "FailedInvocations",
            "Dimensions": [{"Name": "RuleName", "Value": source.rsplit("/", 1)[-1]}],
            "Value": 1.0,
        }
        cloudwatch_backends[account_of(source)][source.split(":")[3]].put_metric_data("AWS/Events", [datum])

    def fail(self, source: str, target: str, reason: str) -> None:
        """Remember that something was not delivered."""
        log.warning("%s could not be delivered to %s: %s", source, target, reason)
        self.failures.append(Failure(source, target, reason))

    def _client(self, arn: str) -> Any:
        name = service(arn)
        return self._cloud.client("stepfunctions" if name == "states" else name, arn.split(":")[3], mark=OF_AWS)

    def _to_sns(self, target: dict[str, Any], text: str) -> None:
        self._client(target["Arn"]).publish(TopicArn=target["Arn"], Message=text)

    def _to_sqs(self, target: dict[str, Any], text: str, about: dict[str, Any] | None = None) -> None:
        client = self._client(target["Arn"])
        url = client.get_queue_url(QueueName=target["Arn"].rsplit(":", 1)[-1])["QueueUrl"]
        group = target.get("SqsParameters", {})
        client.send_message(QueueUrl=url, MessageBody=text, MessageAttributes=about or {}, **group)

    def _to_lambda(self, target: dict[str, Any], text: str) -> None:
        client = self._client(target["Arn"])
        client.invoke(FunctionName=target["Arn"], InvocationType="Event", Payload=text.encode())

    def _to_states(self, target: dict[str, Any], text: str) -> None:
        self._client(target["Arn"]).start_execution(stateMachineArn=target["Arn"], input=text)


def _absent(error: Exception) -> bool:
    code = str(error.response["Error"].get("Code", "")) if isinstance(error, ClientError) else ""
    return any(word in code for word in ("NotFound", "NonExistent", "DoesNotExist"))


def _about(rule: str, target: str, code: str, reason: str) -> dict[str, Any]:
    """The attributes of a dead letter: "Using dead-letter queues" (EventBridge User Guide)."""
    told = {"RULE_ARN": rule, "TARGET_ARN": target, "ERROR_CODE": code, "ERROR_MESSAGE": reason}
    return {name: {"DataType": "String", "StringValue": value} for name, value in told.items()}


def service(arn: str) -> str:
    return arn.split(":")[2]
