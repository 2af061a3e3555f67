"""Makes a restored table's capacity follow its load as the old one's did. The alarms come with the policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from recovery.restore.settings.answer import Answer
from recovery.restore.settings.live import scaling


def put_scaling(autoscaling: Any, table: Mapping[str, Any], wanted: Sequence[Mapping[str, Any]], answer: Answer) -> None:
    now = {(each["on"], each["ScalableDimension"]): each for each in scaling(autoscaling, table)}
    for each in wanted:
        found = now.get((each["on"], each["ScalableDimension"]))
        _put_target(autoscaling, table["TableName"], each, found, answer)


def _put_target(autoscaling: Any, name: str, wanted: Mapping[str, Any], found: Mapping[str, Any] | None, answer: Answer) -> None:
    where = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": f"table/{name}{wanted['on']}",
        "ScalableDimension": wanted["ScalableDimension"],
    }
    what = f"scaling of {wanted['ScalableDimension']}{wanted['on']}"
    limits = {key: wanted[key] for key in ("MinCapacity", "MaxCapacity")}
    register = partial(autoscaling.register_scalable_target, **where, **limits)
    if not answer.compare(what, limits, found and {key: found[key] for key in limits}) and not answer.change(register, what):
        return  # a policy is refused as long as there is no target for it
    policies = {each["PolicyName"]: each for each in (found or {}).get("policies", [])}
    for policy in wanted["policies"]:
        title = f"{what}, policy {policy['PolicyName']}"
        if not answer.compare(title, policy, policies.get(policy["PolicyName"])):
            answer.change(partial(autoscaling.put_scaling_policy, **where, **policy), title)
