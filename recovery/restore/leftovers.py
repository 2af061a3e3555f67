"""What restores have left in a region: found by name, known by tag; and taking away what a drill made, and nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import ClientError

from recovery import endpoint
from recovery.aws import Region
from recovery.errors import NotKept, Unreachable
from recovery.restore.attempts import Journal, NoSuchPlan
from recovery.restore.execution import RUNNING
from recovery.restore.plan import PlanError
from recovery.status.sources import is_missing
from strategy import Strategy
from strategy.catalogue import names, store_states
from strategy.catalogue.names import PLAN_ID
from strategy.catalogue.store_arns import physical_name
from strategy.catalogue.store_states import DELETING, Course
from strategy.model.strategy import Store

_EVERY, _WITHIN = 5.0, 1800.0
"""Seconds: between two looks at what is being deleted, and until it should be gone."""


NOT_DESCRIBED = "not described"
"""The state of a table that AWS lists and does not describe: it was made, or deleted, this moment. Nobody knows whose it is."""


class NotDeletable(NotKept):
    """It is not a drill's, or it is in use; the message says which. Nothing was deleted."""


class StillThere(Unreachable):
    """AWS took the deletion, and the thing is not gone; the message says what to look at."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A store that a plan made."""

    store: str
    kind: Literal["mysql", "dynamodb"]
    name: str
    plan_id: str
    state: str
    drill: bool
    live: bool
    """The application uses it, or the strategy names it."""
    running: bool
    """Its plan has an attempt that runs."""

    @property
    def kept_because(self) -> str:
        """Why it may not be deleted by command; empty: it may."""
        if self.live:
            return "the application uses it"
        if self.running:
            return "its plan is running"
        if not self.drill:
            return "no drill made it"
        state = store_states.of(self.kind, self.state)
        deletable = state.course is Course.OPERATIONAL or (state.stuck and self.state not in DELETING)
        return "" if deletable else f"it is {self.state}"


def leftovers(strategy: Strategy, region: Region) -> tuple[Leftover, ...]:
    """By store, then by name."""
    return tuple(each for store in strategy.stores for each in _of(strategy, region, store))


def delete(strategy: Strategy, region: Region, wanted: Leftover, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Looks again, deletes, and returns when AWS says that there is no such thing. What is protected stays protected."""
    now = next((each for each in leftovers(strategy, region) if (each.kind, each.name) == (wanted.kind, wanted.name)), None)
    if now is None:
        raise NotDeletable(f"{wanted.name} is not there any more: nothing was deleted")
    if now.kept_because:
        raise NotDeletable(f"{now.name}: {now.kept_because}: nothing was deleted")
    rds, dynamodb = region.client("rds"), region.client("dynamodb")
    if now.kind == "mysql":
        rds.delete_db_instance(DBInstanceIdentifier=now.name, SkipFinalSnapshot=True, DeleteAutomatedBackups=True)
    else:
        dynamodb.delete_table(TableName=now.name)
    waited = 0.0
    while _exists(rds, dynamodb, now):
        if waited >= _WITHIN:
            raise StillThere(f"{now.name} is not gone {_WITHIN / 60:.0f} minutes after its deletion began: look at it in AWS")
        pause = min(_EVERY, 0.5 + waited / 4)
        sleep(pause)
        waited += pause


def _of(strategy: Strategy, region: Region, store: Store) -> Iterator[Leftover]:
    own = physical_name(strategy, store)
    base = re.sub(f"-{PLAN_ID}$", "", own)
    made = re.compile(rf"{re.escape(base)}-({PLAN_ID})")
    used = {own, endpoint.in_use(region.client("ssm"), strategy.prefix, store.name, otherwise=own)}
    find = _instances if store.kind == "mysql" else _tables
    for name, state, tags in sorted(find(region, made), key=lambda each: each[0]):
        match = made.fullmatch(name)
        plan_id = match[1] if match else ""
        yield Leftover(
            store=store.name,
            kind="mysql" if store.kind == "mysql" else "dynamodb",
            name=name,
            plan_id=plan_id,
            state=state,
            # Both tags: the name alone could be anybody's.
            drill=tags.get(names.DRILL_TAG) == "true" and tags.get(names.PLAN_TAG) == plan_id,
            live=name in used,
            running=_runs(Journal(strategy, region), plan_id),
        )


def _instances(region: Region, made: re.Pattern[str]) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    for page in region.client("rds").get_paginator("describe_db_instances").paginate():
        for each in page["DBInstances"]:
            if made.fullmatch(each["DBInstanceIdentifier"]):
                tags = {tag["Key"]: tag["Value"] for tag in each.get("TagList", [])}
                yield each["DBInstanceIdentifier"], each["DBInstanceStatus"], tags


def _tables(region: Region, made: re.Pattern[str]) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    dynamodb = region.client("dynamodb")
    for page in dynamodb.get_paginator("list_tables").paginate():
        for name in page["TableNames"]:
            if made.fullmatch(name):
                try:
                    table = dynamodb.describe_table(TableName=name)["Table"]
                except ClientError as error:
                    if not is_missing(error):
                        raise
                    yield name, NOT_DESCRIBED, {}
                    continue
                pages = dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=table["TableArn"])
                yield name, table["TableStatus"], {tag["Key"]: tag["Value"] for tags in pages for tag in tags["Tags"]}


def _runs(journal: Journal, plan_id: str) -> bool:
    try:
        newest = journal.find(plan_id).newest
    except (NoSuchPlan, PlanError):
        return False
    return newest is not None and newest.status == RUNNING


def _exists(rds: Any, dynamodb: Any, what: Leftover) -> bool:
    try:
        if what.kind == "mysql":
            rds.describe_db_instances(DBInstanceIdentifier=what.name)
        else:
            dynamodb.describe_table(TableName=what.name)
    except ClientError as error:
        if is_missing(error):
            return False
        raise
    return True
