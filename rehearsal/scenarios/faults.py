"""What goes wrong on top of a region's loss. Each fault strikes at its moment, and says afterwards what was not done about it.

`region_loss` calls every hook of every fault that was asked for; where a fault has nothing to do, its hook does nothing. A fault
that could not strike fails the scenario: a protection that nothing attacked proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from rehearsal.progress import Detail
from rehearsal.scenarios.backup import run_next_backup
from rehearsal.scenarios.base import Context, World
from rehearsal.scenarios.client import Answer
from rehearsal.scenarios.stores import Stores
from rehearsal.scenarios.workflow import Execution


class Fault:
    """`name`: as it is asked for. `about`: what it does, and what must follow."""

    name: ClassVar[str]
    about: ClassVar[str]

    def __init__(self, context: Context, world: World) -> None:
        self.context, self.world = context, world

    def prepare(self, newest: datetime) -> datetime:
        """Before the outage. When the newest whole copies are of then."""
        return newest

    def lose(self, newest: datetime, detail: Detail) -> datetime | None:  # noqa: ARG002  each hook's own
        """Take the region away in the fault's own way; the moment at which it went."""
        return None

    def arm(self) -> None:
        """After the outage, before the recovery is started."""

    def start(self, words: Sequence[str], detail: Detail) -> Answer | None:  # noqa: ARG002
        """Start and follow the recovery in the fault's own way."""
        return None

    def mend(self, answer: Answer, detail: Detail) -> Answer:  # noqa: ARG002
        """After the client came back: what an operator does then."""
        return answer

    def findings(self, execution: Execution) -> list[str]:  # noqa: ARG002
        """What the recovery should have done about it, and did not."""
        return []


class CorruptRow(Fault):
    name = "corrupt-row"
    about = "alters one restored row of the only copy before it is verified; the run must end unverified"

    def arm(self) -> None:
        """One cent more on one transaction of the restored bank: everything else is as it should be.

        Only the first verification finds damage: of the newest copy, when there are two.
        """
        self.context.cloud.before_invoke.append(strike_transaction(self.world.stores, self.context.recovery))


class CorruptCopy(CorruptRow):
    name = "corrupt-copy"
    about = "the newest of two copies of MySQL comes back altered; the one before it must be used, and said so"

    def prepare(self, newest: datetime) -> datetime:  # noqa: ARG002
        step = self.context.progress.step("Run the next rule as well: two copies of each store")
        with step as detail, self.world.application.still():
            return run_next_backup(self.context, detail)

    def findings(self, execution: Execution) -> list[str]:
        stores = execution.output.get("stores", [])
        if any(each["passed_over"] for each in stores if each["store"] == self.world.stores.mysql_store.name):
            return []
        return ["the record does not say that the newest copy of mysql was passed over"]


def strike_transaction(stores: Stores, where: str) -> Callable[[str, str, Any], None]:
    """One cent more on one transaction of the next restored bank that is verified in a region: all else is as it should be."""
    done: list[str] = []

    def strike(region: str, function: str, payload: Any) -> None:
        if done or region != where or function != stores.function_of_mysql_verification:
            return
        done.append(function)
        with stores.mysql(region, _verified(stores, region, payload)) as connection, connection.cursor() as cursor:
            cursor.execute("UPDATE crm_transactions.transactions SET amount = amount + 0.01 ORDER BY id LIMIT 1")
            connection.commit()

    return strike


def _verified(stores: Stores, region: str, payload: Any) -> str:
    """The instance that a verification is about to read."""
    instances = stores.client("rds", region).describe_db_instances()["DBInstances"]
    at = (payload["host"], payload["port"])
    (name,) = (
        each["DBInstanceIdentifier"] for each in instances if (each["Endpoint"]["Address"], each["Endpoint"]["Port"]) == at
    )
    return str(name)
