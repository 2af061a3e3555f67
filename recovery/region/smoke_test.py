"""Smoke test: whether each service of this region answers, and reads its stores, before any customer is sent here.

It is asked from outside, by the region's own address and through its load balancer: what customers will meet, but for the one
name that still leads to the other region.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from recovery.region.http_probe import Answer, Ask
from recovery.region.source import Client
from recovery.restore.region_plan import RegionPlan
from strategy.catalogue import names
from strategy.contracts.region import ServiceCheck, SmokeAnswer, SmokeTested

UP = "UP"
PASSED = "passed"


class NothingToTest(Exception):
    """No service of the plan is installed here; the message says what to do."""


def smoke(plan: RegionPlan, services: Sequence[str], checks: Mapping[str, ServiceCheck], client: Client, ask: Ask) -> SmokeAnswer:
    """A plan without services has nothing to test. Raises NothingToTest where it has some and none stands."""
    if not plan.services:
        return SmokeAnswer(done=True, waiting_for="", services=(), because="the strategy names no service")
    missing = [each for each in plan.services if each not in services]
    if missing:
        raise NothingToTest(
            f"{', '.join(missing)}: not installed in {plan.region}, so nothing could be tested; "
            f"deploy to it, then resume plan {plan.plan_id}"
        )
    found = tuple(test(plan.prefix, each, checks[each], client, ask) for each in services)
    problems = [f"{each.service}: {trouble(each)}" for each in found if trouble(each)]
    return SmokeAnswer(done=not problems, waiting_for="; ".join(problems), services=found, because="")


def test(prefix: str, service: str, check: ServiceCheck, client: Client, ask: Ask) -> SmokeTested:
    address = _address(prefix, service, client)
    if not address:
        gone = f"its address is not known: there is no parameter {names.service_address(prefix, service)}"
        return SmokeTested(service=service, address="", health=gone, read=gone)
    return SmokeTested(
        service=service,
        address=address,
        health=_health(ask(f"{address}{check.health}")) or PASSED,
        read=_read(ask(f"{address}{check.read}"), check.stores) or PASSED,
    )


def trouble(tested: SmokeTested) -> str:
    """What of a tested service did not pass; empty when both did."""
    found = {"health": tested.health, "read": tested.read}
    return "; ".join(f"{what}: {said}" for what, said in found.items() if said != PASSED)


def _address(prefix: str, service: str, client: Client) -> str:
    try:
        found = client("ssm").get_parameter(Name=names.service_address(prefix, service))
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return ""
        raise
    return str(found["Parameter"]["Value"])


def _health(answer: Answer) -> str:
    return _said(answer) or ("" if _document(answer).get("status") == UP else "it does not say that it is up")


def _read(answer: Answer, stores: Sequence[str]) -> str:
    if problem := _health(answer):
        return problem
    components = _document(answer).get("components")
    named = components if isinstance(components, dict) else {}
    unread = [each for each in stores if not isinstance(named.get(each), dict) or named[each].get("status") != UP]
    return f"it does not say that it has read {', '.join(unread)}" if unread else ""


def _said(answer: Answer) -> str:
    if answer.status == 0:
        return f"no answer: {answer.trouble}"
    return "" if answer.status == 200 else f"HTTP status {answer.status}"


def _document(answer: Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
