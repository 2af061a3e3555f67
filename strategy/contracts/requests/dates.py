"""What dates a store's rows or items, as the strategy says it."""

from __future__ import annotations

from strategy.contracts.dates import Changes, Columns, Dates, ItemDates, RowDates
from strategy.model.stores import DynamoDbStore, MySqlStore


def dates_of(store: MySqlStore | DynamoDbStore) -> Dates:
    if isinstance(store, DynamoDbStore):
        return ItemDates(written_at=store.written_at)
    return RowDates(changes=changes_of(store))


def changes_of(store: MySqlStore) -> Changes:
    return {table: Columns(created=of.created, changed=of.changed) for table, of in store.changes.items()}
