"""Gives a restored MySQL instance the passwords of our secrets: it came back with those of the data's moment.

Looked at again each minute until it is settled. The master's is set through RDS, and only when it is not the secret's already.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from recovery.restore import target
from recovery.restore.master import Client, Master, ours, secret
from recovery.restore.plan import Plan
from strategy.catalogue import names, store_states
from strategy.catalogue.store_states import Course
from strategy.contracts.database import Account
from strategy.contracts.restore import PasswordsAnswer

_NOT_YET = frozenset({"InvalidDBInstanceState", "InvalidDBInstanceStateFault"})


def reset(plan: Plan, client: Client) -> PasswordsAnswer:
    """`accounts`: users whose password is now the secret's; `missing`: users that the restored data does not have."""
    if not ours(plan):
        return _answer("", because="the store's passwords are not ours: they are those of the data's moment")
    instance: Any = client("rds").describe_db_instances(DBInstanceIdentifier=plan.target.name)["DBInstances"][0]
    status = instance["DBInstanceStatus"]
    target.check(plan, status)
    if store_states.of("mysql", status).course is not Course.OPERATIONAL or "Endpoint" not in instance:
        return _answer(store_states.said("mysql", plan.target.name, status))
    if "MasterUserPassword" in instance.get("PendingModifiedValues", {}):
        return _answer("the master password to be set")
    master = Master(plan, client, instance)
    if not master.signs_in():
        return _answer(_set_master(plan, client))
    logins = [secret(client, names.service_secret(plan.prefix, plan.store, each)) for each in plan.services]
    done = master.set_passwords([Account(username=each["username"], password=each["password"]) for each in logins])
    return _answer("", accounts=done.accounts, missing=done.missing)


def _set_master(plan: Plan, client: Client) -> str:
    password = secret(client, names.database_secret(plan.prefix, plan.store))["password"]
    try:
        client("rds").modify_db_instance(
            DBInstanceIdentifier=plan.target.name, MasterUserPassword=password, ApplyImmediately=True
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NOT_YET:
            raise
        return f"{plan.target.name} to take changes"
    return "the master password to be set"


def _answer(
    waiting_for: str, *, accounts: tuple[str, ...] = (), missing: tuple[str, ...] = (), because: str = ""
) -> PasswordsAnswer:
    return PasswordsAnswer(settled=not waiting_for, waiting_for=waiting_for, accounts=accounts, missing=missing, because=because)
