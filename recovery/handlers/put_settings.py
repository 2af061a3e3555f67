"""Puts a restored store's settings back, compared with what its plan says. Called again each minute until it is settled.

Event: `{"plan": …}`. Answer: `settled`, `waiting_for`, `put_back` (`[{what, wanted, found}]`: what this call changed, which the
caller adds up), `not_put_back` (`[{what, because}]`) and `state` (`[{what, wanted, found, equal}]`), both as of this call.
Fails with SettingsRefused when the store would be without protection, backups, encryption or its own network.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery import endpoint
from recovery.handlers.boundary import client, passing
from recovery.restore.plan import Plan
from recovery.restore.settings import put_dynamodb, put_mysql


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    plan = Plan.from_json(event["plan"])
    if plan.route.kind == "mysql":
        return put_mysql.put(client("rds"), plan, in_use=lambda: _in_use(plan))
    return put_dynamodb.put(client("dynamodb"), lambda: client("application-autoscaling"), plan)


def _in_use(plan: Plan) -> bool:
    return endpoint.resource(client("ssm"), plan.prefix, plan.store) == plan.target.name
