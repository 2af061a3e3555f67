"""What `verify` does: finds the store in AWS, measures it, and compares."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recovery import evidence
from recovery.aws import Region, must
from recovery.cli.session import Session
from recovery.functions.verification import Live, judge
from recovery.mysql import connect_several, snapshots
from recovery.verify import dynamodb, mysql
from recovery.verify.compare import compare
from recovery.verify.content import Content
from recovery.verify.gap import Gap
from recovery.verify.mode import Mode
from recovery.verify.narrow import Row, differing_rows
from recovery.verify.result import Level, Report, Verdict
from strategy import naming
from strategy.model import DynamoDbStore, MySqlStore


@dataclass(frozen=True, slots=True)
class Different:
    """A row that is not the same in both."""

    row: Row

    def __str__(self) -> str:
        return str(self.row)

    def as_json(self) -> dict[str, Any]:
        return {"part": self.row.part, "key": self.row.key, "what": self.row.what, "columns": self.row.columns}


def with_manifest(
    session: Session, store: MySqlStore | DynamoDbStore, target: str, *, key: str | None, moment: datetime | None
) -> tuple[str | None, Report]:
    """The key that was used, and what the comparison says. Without a moment the store must equal the manifest."""
    region, strategy, now = session.region, session.strategy, session.begun
    bucket = naming.evidence_bucket(strategy.prefix, region.name, strategy.account)
    s3 = region.client("s3")
    key = key or must(region.name, lambda: evidence.newest_manifest(s3, bucket, store.name, moment or now))
    event = {"store": store.name, "bucket": bucket, "manifest_key": key, "moment": moment.isoformat() if moment else None}

    def measure(expected: Content, gap: Gap | None) -> Live:
        if isinstance(store, DynamoDbStore):
            client, segments = region.client("dynamodb"), expected.chunk_counts().get(dynamodb.ITEMS)
            if gap and store.written_at:
                return Live(*dynamodb.measure_dated(client, target, segments=segments, gap=gap, written_at=store.written_at))
            return Live(dynamodb.measure(client, target, segments=segments)[1])
        changes = {name: {"created": each.created, "changed": each.changed} for name, each in store.changes.items()}
        like = mysql.Like(expected.chunk_counts(), gap, changes, expected.parts, expected.mode)
        with connect_several(**_address(region, target)) as (first, *beside):
            measured = mysql.measure(first, like=like, beside=beside)
        return Live(measured.content, measured.dated)

    return key, must(region.name, lambda: judge(s3, event, store.kind.value, measure))


def with_live(
    region: Region, store: MySqlStore | DynamoDbStore, target: str, in_use: str, mode: Mode
) -> tuple[tuple[Level, ...], int, tuple[Different, ...]]:
    """The levels, how much was counted, and the rows that differ. What is written to the live store meanwhile differs too."""
    if isinstance(store, DynamoDbStore):
        client = region.client("dynamodb")
        expected, live = must(region.name, lambda: [dynamodb.measure(client, name)[1] for name in (in_use, target)])
        return compare(expected, live), live.rows, ()
    with ExitStack() as stack:
        was, is_now = (stack.enter_context(connect_several(**_address(region, name))) for name in (in_use, target))
        try:
            expected = mysql.measure(was[0], beside=was[1:], like=mysql.Like(mode=mode)).content
            like = mysql.Like(expected.chunk_counts(), expected=expected.parts, mode=mode)
            live = mysql.measure(is_now[0], beside=is_now[1:], like=like).content
        except mysql.MeasurementError as error:
            unchecked = tuple(Level(name, Verdict.NOT_CHECKED, str(error)) for name in ("schema", "counts", "content"))
            return unchecked, 0, ()
        with snapshots(was[0], (), lambda _: ()) as (one,), snapshots(is_now[0], (), lambda _: ()) as (other,):
            rows = [
                Different(row)
                for name, table in mysql.named_tables(expected.schema)
                if _same(expected, live, name)
                for row in differing_rows(one, other, table, expected.parts[name], live.parts[name])
            ]
    return compare(expected, live), live.rows, tuple(rows)


def _same(expected: Content, live: Content, name: str) -> bool:
    """Whether both have the table, made alike: else there is nothing to ask for row by row."""
    tables = ({part: table.described for part, table in mysql.named_tables(content.schema)} for content in (expected, live))
    was, is_now = tables
    return name in is_now and was[name]["columns"] == is_now[name]["columns"]


def _address(region: Region, instance: str) -> dict[str, Any]:
    described = must(region.name, lambda: region.client("rds").describe_db_instances(DBInstanceIdentifier=instance))
    endpoint = described["DBInstances"][0]["Endpoint"]
    return {"host": endpoint["Address"], "port": int(endpoint["Port"]), "user": naming.VERIFIER, "region": region.name}
