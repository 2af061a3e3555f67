"""Damage that is done on purpose between a restore and its verification, to see it noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rehearsal.scenarios.base import CORRUPT_COPY, Context
from rehearsal.scenarios.stores import Stores


def arm(context: Context, stores: Stores) -> None:
    """Set the context's fault, if any, to go off when the restored MySQL store is about to be verified."""
    if context.fault is not None:
        _ARMED[context.fault](context, stores)


def _corrupt_row(context: Context, stores: Stores) -> None:
    """One cent more on one transaction of the restored bank: everything else is as it should be."""
    done: list[str] = []

    def strike(region: str, function: str, payload: Any) -> None:
        if done or region != context.recovery or function != stores.function_of_mysql_verification:
            return
        done.append(function)
        with stores.mysql(region, _verified(stores, region, payload)) as connection, connection.cursor() as cursor:
            cursor.execute("UPDATE crm_transactions.transactions SET amount = amount + 0.01 ORDER BY id LIMIT 1")
            connection.commit()

    context.cloud.before_invoke.append(strike)


def _verified(stores: Stores, region: str, payload: Any) -> str:
    """The instance that a verification is about to read."""
    instances = stores.client("rds", region).describe_db_instances()["DBInstances"]
    at = (payload["host"], payload["port"])
    (name,) = (
        each["DBInstanceIdentifier"] for each in instances if (each["Endpoint"]["Address"], each["Endpoint"]["Port"]) == at
    )
    return str(name)


_ARMED: dict[str, Callable[[Context, Stores], None]] = {"corrupt-row": _corrupt_row, CORRUPT_COPY: _corrupt_row}
"""Only the first verification finds damage: of the newest copy, when there are two."""
