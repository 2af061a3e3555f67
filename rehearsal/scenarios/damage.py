"""A bad deployment: at one known moment it deletes and alters hundreds of rows or items, and touches no column that would tell.

The services write until shortly before and go on right after. Around the moment they are held still for a second on either
side, because point-in-time recovery resolves to seconds: what was committed before is exactly what a restore to the returned
moment must bring back.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rehearsal.bank.judge import read_items
from rehearsal.bank.loader import ITEMS_PER_CALL
from rehearsal.scenarios.base import Context, World

SECOND = timedelta(seconds=1)
STATEMENTS = (
    "DELETE FROM crm_transactions.transactions WHERE id %% 61 = %s",
    "UPDATE crm_clients.clients SET address = '', city = 'null' WHERE agent_id %% 7 = %s",
    "UPDATE crm_clients.accounts SET balance = balance + 1000000 WHERE CAST(SUBSTRING(branch_id, 4) AS INT) %% 5 = %s",
    "UPDATE crm_users.users SET role = 'ADMIN' WHERE id %% 3 = %s",
)
"""As a migration with a wrong condition leaves it. `updated_at` stays as it was."""
ITEMS = 200
"""How many items are deleted, and how many overwritten."""


@dataclass(frozen=True)
class Damage:
    """`moment` is the last whole second before it."""

    moment: datetime
    touched: int
    """Rows or items that were deleted or altered."""


def damage_rows(context: Context, world: World) -> Damage:
    """In the MySQL store that the application uses now, in one transaction."""
    pick = random.Random(f"damage {context.seed}")

    def strike() -> int:
        with world.stores.mysql(context.primary, world.stores.used("mysql", context.primary)) as connection:
            with connection.cursor() as cursor:
                touched = sum(cursor.execute(statement, (pick.randrange(3),)) for statement in STATEMENTS)
            connection.commit()
        return touched

    return _struck(context, world, strike)


def damage_items(context: Context, world: World) -> Damage:
    """In the table that the application uses now."""
    dynamodb, table = world.stores.dynamodb(context.primary), world.stores.used("dynamodb", context.primary)

    def strike() -> int:
        chosen = random.Random(f"damage {context.seed}").sample(read_items(dynamodb, table), 2 * ITEMS)
        keys = [{name: item[name] for name in ("client_id", "timestamp")} for item in chosen[:ITEMS]]
        requests: list[Any] = [{"DeleteRequest": {"Key": key}} for key in keys]
        requests += [{"PutRequest": {"Item": item | {"after_value": {"S": "undefined"}}}} for item in chosen[ITEMS:]]
        for first in range(0, len(requests), ITEMS_PER_CALL):
            dynamodb.batch_write_item(RequestItems={table: requests[first : first + ITEMS_PER_CALL]})
        return len(chosen)

    return _struck(context, world, strike)


def _struck(context: Context, world: World, strike: Callable[[], int]) -> Damage:
    clock = context.cloud.clock
    with world.application.still():
        moment = clock.now().replace(microsecond=0) + 2 * SECOND
        clock.advance_to(moment + SECOND)
        touched = strike()
        clock.advance_to(clock.now() + SECOND)
    return Damage(moment, touched)
