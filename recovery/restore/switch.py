"""Points the application at the restored store: the endpoint parameter, and a restart of every service that reads it.

Switching again writes nothing that is already so; a service that restarts twice is only a moment slower.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from recovery import endpoint
from recovery.lambda_runtime import TryAgain, passes
from recovery.restore.master import Client
from recovery.restore.plan import Plan
from strategy.catalogue import names as naming
from strategy.contracts.restore import SwitchAnswer

_BUSY = "invalid state"
"""Elastic Beanstalk's words for an environment that is being changed; it has no code of its own for that."""


class RestartRefused(Exception):
    """Services could not be restarted; the message names them. The endpoint was switched."""


def switch(plan: Plan, client: Client, *, now: datetime) -> SwitchAnswer:
    ssm, name = client("ssm"), naming.endpoint(plan.prefix, plan.store)
    before, wanted = endpoint.place(ssm, plan.prefix, plan.store), _place(plan, client)
    if before != wanted:
        ssm.put_parameter(Name=name, Value=json.dumps(wanted), Type="String", Overwrite=True)
    return SwitchAnswer(
        parameter=name, before=before, now=wanted, restarted=tuple(_restart(plan, client)), switched=now.isoformat()
    )


def _place(plan: Plan, client: Client) -> dict[str, Any]:
    if plan.route.kind == "dynamodb":
        return {"resource": plan.target.name}
    described = client("rds").describe_db_instances(DBInstanceIdentifier=plan.target.name)["DBInstances"][0]
    if "Endpoint" not in described:
        raise TryAgain(f"{plan.target.name} is {described['DBInstanceStatus']} and has no endpoint now")
    address = described["Endpoint"]
    return {"resource": plan.target.name, "host": address["Address"], "port": address["Port"]}


def _restart(plan: Plan, client: Client) -> list[str]:
    """All that can be are restarted, whatever becomes of one."""
    names = [naming.service_environment(plan.prefix, each) for each in plan.services]
    refused: dict[str, ClientError] = {}
    for name in names:
        try:
            client("elasticbeanstalk").restart_app_server(EnvironmentName=name)
        except ClientError as error:
            refused[name] = error
    lasting = {name: error.response["Error"].get("Message", "") for name, error in refused.items() if not _waits(error)}
    if lasting:
        said = "; ".join(f"{name}: {message}" for name, message in lasting.items())
        raise RestartRefused(
            f"the endpoint names {plan.target.name}, but not every service was restarted ({said}). "
            f"Restart or deploy it, then resume plan {plan.plan_id}."
        )
    if refused:
        raise TryAgain(f"{', '.join(refused)} cannot be restarted at this moment")
    return names


def _waits(error: ClientError) -> bool:
    return passes(error) or _BUSY in error.response["Error"].get("Message", "").lower()
