"""Delivery to targets: asynchronous, in AWS's words, never from or into a lost region.

PutEvents and Publish answer at once; deliveries happen on threads of their own, and the clock does not leap while one is on
its way. AWS retries a failed delivery for a day; here it is tried once, sent to the target's dead-letter queue if it has one,
and remembered in `failures`.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_rehearsal.events.payload import as_aws_sends_it, payload
from aws_rehearsal.gateway import OF_AWS

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
                self.fail(source, target["Arn"], "the target's region is lost")
            else:
                call()
                return
        except Exception as error:  # noqa: BLE001  remembered, whatever it was: this thread has no one to raise it to
            self.fail(source, target["Arn"], str(error))
        queue = target.get("DeadLetterConfig", {}).get("Arn")
        if queue and queue != target["Arn"]:
            self._attempt(source, {"Arn": queue}, lambda: self._to_sqs({"Arn": queue}, text), text)

    def fail(self, source: str, target: str, reason: str) -> None:
        """Remember that something was not delivered."""
        log.warning("%s could not be delivered to %s: %s", source, target, reason)
        self.failures.append(Failure(source, target, reason))

    def _client(self, arn: str) -> Any:
        name = service(arn)
        return self._cloud.client("stepfunctions" if name == "states" else name, arn.split(":")[3], mark=OF_AWS)

    def _to_sns(self, target: dict[str, Any], text: str) -> None:
        self._client(target["Arn"]).publish(TopicArn=target["Arn"], Message=text)

    def _to_sqs(self, target: dict[str, Any], text: str) -> None:
        client = self._client(target["Arn"])
        url = client.get_queue_url(QueueName=target["Arn"].rsplit(":", 1)[-1])["QueueUrl"]
        group = target.get("SqsParameters", {})
        client.send_message(QueueUrl=url, MessageBody=text, **group)

    def _to_lambda(self, target: dict[str, Any], text: str) -> None:
        client = self._client(target["Arn"])
        client.invoke(FunctionName=target["Arn"], InvocationType="Event", Payload=text.encode())

    def _to_states(self, target: dict[str, Any], text: str) -> None:
        self._client(target["Arn"]).start_execution(stateMachineArn=target["Arn"], input=text)


def service(arn: str) -> str:
    return arn.split(":")[2]
