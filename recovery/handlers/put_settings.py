"""Puts a restored store's settings back, compared with what its plan says. Called again each minute until it is settled.

Fails with SettingsRefused when the store would be without protection, backups, encryption or its own network.
"""

from __future__ import annotations

from recovery import endpoint
from recovery.lambda_runtime import client, handles, passing
from recovery.restore.plan import Plan
from recovery.restore.settings import put_dynamodb, put_mysql
from strategy.contracts.restore import SettingsAnswer, SettingsRequest


@handles(SettingsRequest.from_json)
@passing
def handler(request: SettingsRequest, _context: object) -> SettingsAnswer:
    plan = Plan.from_json(request.plan)
    if plan.route.kind == "mysql":
        return put_mysql.put(client("rds"), plan, in_use=lambda: _in_use(plan))
    return put_dynamodb.put(client("dynamodb"), lambda: client("application-autoscaling"), plan)


def _in_use(plan: Plan) -> bool:
    return endpoint.resource(client("ssm"), plan.prefix, plan.store) == plan.target.name
