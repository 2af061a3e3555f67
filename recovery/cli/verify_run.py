"""What `verify` does: finds the store in AWS, measures it, and compares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recovery.aws import Region, must
from recovery.cli.session import Session
from recovery.cli.verify_progress import Reading, lag_of
from recovery.evidence import bucket as evidence
from recovery.mysql import connect_several, snapshots
from recovery.verify import dynamodb, dynamodb_slices, mysql
from recovery.verify.compare import compare
from recovery.verify.content import Content
from recovery.verify.find_rows import Row, differing_items, differing_rows
from recovery.verify.gap import Gap
from recovery.verify.mode import Mode
from recovery.verify.result import Level, Report, Verdict
from recovery.verify.verification import Live, judge
from strategy.catalogue import names
from strategy.contracts.requests.dates import changes_of
from strategy.contracts.verify import VerifyRequest
from strategy.model.strategy import DynamoDbStore, MySqlStore


@dataclass(frozen=True, slots=True)
class Different:
    """A row that is not the same in both."""

    row: Row

    def __str__(self) -> str:
        return str(self.row)

    def as_json(self) -> dict[str, Any]:
        return {"part": self.row.part, "key": self.row.key, "what": self.row.what, "columns": self.row.columns}


def with_manifest(
    session: Session,
    store: MySqlStore | DynamoDbStore,
    target: str,
    *,
    key: str | None,
    moment: datetime | None,
    reading: Reading,
) -> tuple[str | None, Report]:
    """The key that was used, and what the comparison says. Without a moment the store must equal the manifest."""
    region, strategy, now = session.region, session.strategy, session.begun
    bucket = names.evidence_bucket(strategy.prefix, region.name, strategy.account)
    s3 = region.client("s3")
    key = key or must(region.name, lambda: evidence.newest_manifest(s3, bucket, store.name, moment or now))
    request = VerifyRequest(store=store.name, bucket=bucket, manifest_key=key, moment=moment)
    at = moment.isoformat() if moment else None

    def measure(expected: Content, gap: Gap | None) -> Live:
        if isinstance(store, DynamoDbStore):
            client, segments = region.client("dynamodb"), expected.chunk_counts().get(dynamodb.ITEMS)
            made = client.describe_table(TableName=target)["Table"]["CreationDateTime"].isoformat()
            journal = reading.journal(store=store.name, manifest=key, moment=at, table=f"{target} of {made}")
            slices = [one for piece in dynamodb_slices.cut(expected.rows) for one in piece] or [dynamodb.ALL]
            with reading.watching(target, expected.rows, lambda: None) as watch:
                content, dated = dynamodb_slices.measure_in_slices(
                    client,
                    target,
                    slices,
                    segments=segments,
                    gap=gap,
                    written_at=store.written_at,
                    page=watch.page,
                    at_once=reading.connections,
                    journal=journal,
                    leave=expected.schema.get(dynamodb.EXPIRING),
                )
            if journal is not None:
                journal.over()
            return Live(content, dated)
        like = mysql.Like(expected.chunk_counts(), gap, changes_of(store), expected.parts, expected.mode)
        place = _place(region, target)
        journal = reading.journal(store=store.name, manifest=key, moment=at, instance=place.resource)
        with (
            connect_several(**place.address, at_once=reading.connections) as (first, *beside),
            reading.watching(target, expected.rows, place.lag) as watch,
        ):
            measured = mysql.measure(first, like=like, beside=beside, watch=watch, journal=journal)
        if journal is not None:
            journal.over()
        return Live(measured.content, measured.dated)

    return key, must(region.name, lambda: judge(s3, request, store.kind.value, measure))


def with_live(
    region: Region, store: MySqlStore | DynamoDbStore, target: str, in_use: str, mode: Mode, *, reading: Reading
) -> tuple[tuple[Level, ...], int, tuple[Different, ...]]:
    """The levels, how much was counted, and the rows that differ. What is written to the live store meanwhile differs too."""
    if isinstance(store, DynamoDbStore):
        client = region.client("dynamodb")
        expected, live = must(region.name, lambda: [dynamodb.measure(client, name)[1] for name in (in_use, target)])
        items = differing_items(client, (in_use, target), expected.parts[dynamodb.ITEMS], live.parts[dynamodb.ITEMS])
        return compare(expected, live), live.rows, tuple(map(Different, items))
    with ExitStack() as stack:
        places = [_place(region, name) for name in (in_use, target)]
        was, is_now = (stack.enter_context(connect_several(**each.address, at_once=reading.connections)) for each in places)
        try:
            with reading.watching(in_use, None, places[0].lag) as watch:
                expected = mysql.measure(was[0], beside=was[1:], like=mysql.Like(mode=mode), watch=watch).content
            like = mysql.Like(expected.chunk_counts(), expected=expected.parts, mode=mode)
            with reading.watching(target, expected.rows, places[1].lag) as watch:
                live = mysql.measure(is_now[0], beside=is_now[1:], like=like, watch=watch).content
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


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instance answers, which one it is whatever its name, and how far its replicas are behind."""

    address: Mapping[str, Any]
    resource: str
    lag: Callable[[], float | None]


def _place(region: Region, instance: str) -> Place:
    described = must(region.name, lambda: region.client("rds").describe_db_instances(DBInstanceIdentifier=instance))
    found = described["DBInstances"][0]
    endpoint = found["Endpoint"]
    address = {"host": endpoint["Address"], "port": int(endpoint["Port"]), "user": names.VERIFIER, "region": region.name}
    return Place(address, str(found["DbiResourceId"]), lag_of(region, found))
