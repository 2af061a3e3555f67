"""What the region that came back had still taken: as the client lists it, against what the bank knows it wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from rehearsal.bank import Ledger
from rehearsal.bank.ledger import Account
from rehearsal.bank.tables import TABLES, Table
from rehearsal.scenarios.base import Context, ScenarioFailed, World
from rehearsal.scenarios.client import recovery


def stranded(context: Context, world: World, plan_id: str) -> tuple[int, list[str]]:
    """How many, by the client's own count; and where it differs from the ledger's."""
    answer = recovery(context, "late-writes", plan_id, "--json", region=context.recovery)
    try:
        record = json.loads(answer.said[answer.said.index("{") :])
    except ValueError as error:
        raise ScenarioFailed(f"{answer.command} ended {answer.code} without a record: {answer.said.strip()[-600:]}") from error
    found, listed = list[str](), 0
    for store in record["stores"]:
        since = datetime.fromisoformat(store["since"])
        known = _known(world, context, store, since)
        for table in store["tables"]:
            listed += table["count"] or 0
            wanted = known.get(table["table"])
            if wanted is None or table["count"] not in wanted:
                found.append(f"late writes of {table['table']}: {table['count']} are listed, {wanted} are there")
    if (answer.code == 1) != bool(listed):
        found.append(f"{listed} late writes are listed, and the command ended {answer.code}")
    return listed, found


def _known(world: World, context: Context, store: dict[str, Any], since: datetime) -> dict[str, range]:
    """By table, how many that are dated after `since` the bank was told that the old store has; and how many more it may have."""
    ledger, stores = world.ledger, world.stores
    if store["store"] == stores.table_store.name:
        arn, at = stores.arn("dynamodb", context.primary, store["resource"]), stores.table_store.written_at or ""

        def written(item: Any) -> datetime:
            return datetime.fromisoformat(str(item[at]["S"]).partition("#")[0])

        return {store["resource"]: _after(ledger, ledger.items, arn, since, written)}
    arn = stores.arn("mysql", context.primary, store["resource"])
    return {str(table): _after(ledger, ledger.rows[table], arn, since, _dated(world, table)) for table in TABLES}


def _dated(world: World, table: Table) -> Callable[[Any], datetime]:
    """The later of the two dates of a row, by the columns that the strategy names."""
    named = world.stores.mysql_store.changes[str(table)]
    columns = [table.columns.index(each) for each in (named.created, named.changed)]
    return lambda row: max(row[each] for each in columns).replace(tzinfo=UTC)


def _after(ledger: Ledger, account: Account, store: str, since: datetime, dated: Callable[[Any], datetime]) -> range:
    certain = sum(dated(entry.value) > since for entry in ledger.content(account, store).values())
    return range(certain, certain + len(ledger.unsure(account, store)) + 1)
