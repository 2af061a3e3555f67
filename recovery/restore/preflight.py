"""What a plan stands on, checked by the client before it is started and by the workflow right before it restores.

Read calls only, in one region; only IAM, which has no regions, is asked elsewhere, and it may be silent. Nothing that is wrong
hides another: all is checked, and all is listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from recovery import recovery_points
from recovery.aws import NotChecked
from recovery.recovery_points import Keys, NoUsableRecoveryPoint
from recovery.restore import target
from recovery.restore.plan import Plan, RecoveryPoint
from recovery.restore.plan_lock import record
from recovery.status import premises
from recovery.status.facts import Missing
from recovery.status.sources import mysql_window, table_window
from strategy.catalogue import names as naming
from strategy.catalogue import store_states
from strategy.catalogue.routes import Mode
from strategy.contracts.restore import CheckAnswer, CheckedPremise

Client = Callable[[str], Any]


class PlanRefused(Exception):
    """What the plan stands on is not there; the message lists every problem."""


@dataclass(frozen=True, slots=True)
class Checked:
    """No `problem`: it is as it must be; `note` says what was found, or why it could not be asked."""

    what: str
    problem: str | None
    note: str = ""


def preflight(plan: Plan, client: Client, now: datetime) -> list[Checked]:
    """Of a plan whose store is there already, only what the rest of its way needs."""
    region = client("dynamodb").meta.region_name
    if region != plan.region:
        return [Checked("region", f"the plan is of {plan.region}, and this is {region}: follow it there")]
    there = target.find(plan, client, _record(plan, client))
    found = [_replica(plan, there) if plan.replica else _name(plan, there)]
    if there is None and not plan.replica:
        found += _source(plan, client, now)
        found += _premises(plan, client)
    if plan.route.kind == "mysql":
        found += _secrets(plan, client)
    if plan.mode is Mode.SWITCH and plan.services:
        found.append(_environments(plan, client))
    if plan.mode is Mode.REPAIR:
        found.append(_live_table(plan, client))
    return found


def check(plan: Plan, client: Client, now: datetime) -> CheckAnswer:
    """Raises PlanRefused, with every problem at once."""
    checked = preflight(plan, client, now)
    problems = [f"{each.what}: {each.problem}" for each in checked if each.problem]
    if problems:
        raise PlanRefused(f"plan {plan.plan_id} cannot be followed now, and nothing was made: {'; '.join(problems)}")
    return CheckAnswer(checked=tuple(CheckedPremise(what=each.what, note=each.note) for each in checked))


def _record(plan: Plan, client: Client) -> dict[str, str]:
    try:
        return record(plan, client("dynamodb"))
    except ClientError as error:
        if error.response["Error"]["Code"] in target.GONE:
            return {}
        raise


def _name(plan: Plan, there: target.Target | None) -> Checked:
    what = "name of the restored store"
    if there is None:
        return Checked(what, None, f"{plan.target.name} is free")
    if there.ours:
        return Checked(what, None, f"{plan.target.name} is there, made by this plan")
    return Checked(what, f"{plan.target.name} is taken by what this plan did not make: make a new plan, with its own name")


def _replica(plan: Plan, there: target.Target | None) -> Checked:
    if there is None:
        return Checked("replica", f"there is no {plan.target.name} here: plan again, from another source")
    if not there.ours:
        return Checked("replica", f"{plan.target.name} is no replica any more, and this plan did not promote it: plan again")
    stuck = f"{store_states.said(there.kind, plan.target.name, there.status)}; or plan again, from another source"
    return Checked("replica", stuck if there.state.stuck else None, f"{plan.target.name} is {there.status}")


def _source(plan: Plan, client: Client, now: datetime) -> Iterator[Checked]:
    if plan.recovery_point is not None:
        problem = _point_problem(plan, plan.recovery_point, client, now)
        yield Checked("recovery point", problem, f"of {plan.recovery_point.created.isoformat()}")
        return
    window = (
        mysql_window(client("rds"), plan.source.arn)
        if plan.route.kind == "mysql"
        else table_window(client("dynamodb"), plan.source.name)
    )
    if isinstance(window, Missing):
        yield Checked("window", f"{plan.source.name} cannot be restored to a point in time: {window.why}")
        return
    span = f"{window.earliest.isoformat()} to {window.latest.isoformat()}"
    inside = window.earliest.replace(microsecond=0) <= plan.data_of <= window.latest
    problem = None if inside else f"{plan.data_of.isoformat()} is outside what can be restored: {span}"
    yield Checked("window", problem, span)


def _point_problem(plan: Plan, planned: RecoveryPoint, client: Client, now: datetime) -> str | None:
    try:
        point = recovery_points.find_point(client("backup"), planned.vault, planned.arn)
    except ClientError as error:
        if error.response["Error"]["Code"] in target.GONE:
            return f"there is no vault {planned.vault}"
        raise
    if point is None:
        return f"{planned.arn} is no longer in vault {planned.vault}: plan again, with another"
    try:
        keys = Keys(client("kms"))
        recovery_points.choose([point], kind=plan.route.kind, store=plan.store, vault=planned.vault, keys=keys, now=now)
    except NoUsableRecoveryPoint as none:
        return f"{planned.arn}: {none.rejected[0].reason}"
    return None


def _premises(plan: Plan, client: Client) -> Iterator[Checked]:
    if plan.route.kind == "mysql":
        rds, settings = client("rds"), plan.settings.get("at_restore", {})
        if subnets := settings.get("DBSubnetGroupName"):
            yield Checked("subnet group", premises.subnet_group(rds, subnets), subnets)
        if parameters := settings.get("DBParameterGroupName"):
            yield Checked("parameter group", premises.parameter_group(rds, parameters), parameters)
        yield _quota(rds)
    if not plan.route.to_a_moment:
        role = naming.role(plan.prefix, "restore", plan.region)
        problem = premises.restore_role(client("iam"), role)
        if isinstance(problem, NotChecked):
            yield Checked("restore role", None, f"not checked: {problem.because}")
        else:
            yield Checked("restore role", problem, role)


def _quota(rds: Any) -> Checked:
    quotas = {each["AccountQuotaName"]: each for each in rds.describe_account_attributes()["AccountQuotas"]}
    instances = quotas.get("DBInstances")
    if instances is None:
        return Checked("quota", None, "not checked: RDS did not say how many instances are allowed")
    used, most = instances["Used"], instances["Max"]
    full = f"all {most} instances of the RDS quota are used: raise it, or delete one that nobody needs"
    return Checked("quota", full if used >= most else None, f"{used} of {most} instances")


def _secrets(plan: Plan, client: Client) -> Iterator[Checked]:
    if plan.settings.get("credentials", "ours") == "theirs":
        yield Checked("secrets", None, "not needed: the store's passwords are not ours, and stay as they were restored")
        return
    names = [naming.database_secret(plan.prefix, plan.store)]
    names += [naming.service_secret(plan.prefix, plan.store, each) for each in plan.services]
    for name in names:
        yield Checked(f"secret {name}", premises.secret(client("secretsmanager"), name))


def _environments(plan: Plan, client: Client) -> Checked:
    names = [naming.service_environment(plan.prefix, each) for each in plan.services]
    answer = client("elasticbeanstalk").describe_environments(EnvironmentNames=names, IncludeDeleted=False)
    there = {each["EnvironmentName"] for each in answer["Environments"]}
    missing = ", ".join(each for each in names if each not in there)
    problem = f"there is no {missing}: deploy it, or plan with --mode beside" if missing else None
    return Checked("service environments", problem, ", ".join(names))


def _live_table(plan: Plan, client: Client) -> Checked:
    try:
        status = str(client("dynamodb").describe_table(TableName=plan.source.name)["Table"]["TableStatus"])
    except ClientError as error:
        if error.response["Error"]["Code"] not in target.GONE:
            raise
        return Checked("live table", f"there is no table {plan.source.name} to repair: plan with --mode switch")
    usable = store_states.table_serves(status)
    return Checked("live table", None if usable else f"{plan.source.name} is {status}", f"{plan.source.name} is {status}")
