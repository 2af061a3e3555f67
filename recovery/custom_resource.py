"""What every custom resource of CloudFormation does around its work: it always answers, with the reason when it fails."""

from __future__ import annotations

import json
import logging
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from strategy.contracts.contract import Contract, ContractError

_LOG = logging.getLogger(__name__)
_ANSWER_SECONDS = 10
_LONGEST_REASON = 1000
"""CloudFormation takes an answer of 4096 bytes."""


_OF_CLOUDFORMATION = frozenset({"ServiceToken", "ServiceTimeout"})
C = TypeVar("C", bound=Contract)


def properties_of(event: Mapping[str, Any], contract: type[C]) -> C:
    """What the template says, without what CloudFormation needs of it. Raises ContractError."""
    given = event["ResourceProperties"]
    return contract.from_json({name: value for name, value in given.items() if name not in _OF_CLOUDFORMATION})


def answered(
    event: Mapping[str, Any],
    *,
    physical_id: str,
    act: Callable[[Mapping[str, Any]], None],
    refusals: tuple[type[Exception], ...] = (),
) -> None:
    """Run `act` and tell CloudFormation how it went. `physical_id` is what a new resource is called from then on; `refusals` are
    what `act` raises on purpose, said without more around it.
    """
    try:
        act(event)
    except refusals as refusal:
        _answer(event, physical_id, status="FAILED", reason=str(refusal)[:_LONGEST_REASON])
    except (BotoCoreError, ClientError, ContractError, KeyError, TypeError) as error:
        _LOG.exception("the custom resource could not be applied")
        _answer(event, physical_id, status="FAILED", reason=f"{type(error).__name__}: {error}"[:_LONGEST_REASON])
    else:
        _answer(event, physical_id, status="SUCCESS", reason="")


def _answer(event: Mapping[str, Any], physical_id: str, *, status: str, reason: str) -> None:
    answer = {
        "Status": status,
        "Reason": reason or "See the function's log",
        "PhysicalResourceId": event.get("PhysicalResourceId") or physical_id,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    request = urllib.request.Request(  # noqa: S310  CloudFormation's own URL, out of CloudFormation's event
        event["ResponseURL"], data=json.dumps(answer).encode(), method="PUT", headers={"Content-Type": ""}
    )
    urllib.request.urlopen(request, timeout=_ANSWER_SECONDS).close()  # noqa: S310
