"""Instances and tables against what the strategy promises of a store of their kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from recovery.assess import schedules
from recovery.assess.findings import About, Harm, Judged
from recovery.assess.holdings import Holdings, Instance, LiveRule, Table
from recovery.aws import NotChecked
from strategy import Strategy
from strategy.model.field_types import duration_text
from strategy.model.stores import MySqlStore, Scenario, Store, StoreKind
from strategy.model.windows import DailyWindow

_HOUR = timedelta(hours=1)
"""How long a job usually takes to start, however long its start window is."""


def judged(holdings: Holdings, strategy: Strategy) -> Iterator[Judged]:
    for kind, found, noun in (
        (StoreKind.MYSQL, holdings.instances, "RDS instances for MySQL"),
        (StoreKind.DYNAMODB, holdings.tables, "DynamoDB tables"),
    ):
        promised = next((store for store in strategy.stores if store.kind is kind), None)
        if isinstance(found, NotChecked):
            yield About(noun).refused("they are protected", found)
        elif promised is not None:
            for each in found:
                yield from _store(each, promised, holdings, strategy)
    if holdings.instances == () and holdings.tables == ():
        # Nothing found is not everything kept: most often it is the wrong region.
        nothing = f"no RDS instance for MySQL and no table in {holdings.primary}"
        yield About("stores").broken(Harm.LOST, "there are stores to protect", nothing, "look at --primary and at AWS_PROFILE")


def _store(found: Instance | Table, promised: Store, holdings: Holdings, strategy: Strategy) -> Iterator[Judged]:
    about = About(found.name)
    yield _history(about, found, promised)
    if not found.rules:
        yield about.broken(
            Harm.LOST,
            "a backup plan covers it",
            "no selection of any plan covers it: it was forgotten",
            f"add {found.arn} to a selection, or leave it out of the strategy with a reason",
        )
    else:
        yield about.kept("a backup plan covers it", ", ".join(sorted({each.plan for each in found.rules})))
        yield from _frequency(about, found.rules, promised, holdings)
        yield _kept_long_enough(about, found.rules, strategy)
        yield _leaves_the_region(about, found.rules, holdings)
    yield _fresh(about, found, promised, holdings)
    if isinstance(found, Instance):
        yield from _instance(about, found, promised, holdings)
    yield _deletable(about, found)


def _history(about: About, found: Instance | Table, promised: Store) -> Judged:
    promise = f"back to any moment of {duration_text(promised.point_in_time)}"
    days = promised.point_in_time.days
    history = f"PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays={days}"
    mend = (
        _modify(found, f"--backup-retention-period {days}")
        if isinstance(found, Instance)
        else f"aws dynamodb update-continuous-backups --table-name {found.name} --point-in-time-recovery-specification {history}"
    )
    if isinstance(found.keeps, NotChecked):
        return about.refused(promise, found.keeps)
    if not found.keeps:
        return about.broken(Harm.LOST, promise, "point-in-time recovery is off", mend)
    if found.keeps < promised.point_in_time:
        return about.broken(Harm.LATE, promise, f"it reaches back {duration_text(found.keeps)}", mend)
    return about.kept(promise, f"it reaches back {duration_text(found.keeps)}")


def _modify(found: Instance, change: str) -> str:
    return f"aws rds modify-db-instance --db-instance-identifier {found.name} {change}"


def _frequency(about: About, rules: tuple[LiveRule, ...], promised: Store, holdings: Holdings) -> Iterator[Judged]:
    rpo = promised.objectives.of(Scenario.RECOVERY_POINT).rpo
    promise = f"a recovery point at most {duration_text(rpo)} old"
    unread = schedules.unread(rules)
    if unread:
        yield about.refused(promise, NotChecked(f"the schedule {unread[0].schedule!r} of {unread[0].name} cannot be read"))
        return
    widest = schedules.widest(rules, holdings.now.date())
    found = f"{duration_text(widest)} between two starts, start window included" if widest else "no rule runs in the next year"
    if widest is None or widest > rpo:
        mend = f"let rules start every {duration_text(max(rpo - 2 * _HOUR, _HOUR))}, with a start window of an hour"
        yield about.broken(Harm.LATE, promise, found, mend)
    else:
        yield about.kept(promise, found)


def _kept_long_enough(about: About, rules: tuple[LiveRule, ...], strategy: Strategy) -> Judged:
    """The rule that keeps longest is what history there is."""
    longest = max(rule.keep for rule in strategy.rules)
    promise = f"a recovery point is kept {duration_text(longest)}"
    kept = max((rule.keep or timedelta.max for rule in rules), default=timedelta())
    if kept < longest:
        name = max(rules, key=lambda rule: rule.keep or timedelta.max).name
        return about.broken(
            Harm.LATE, promise, f"the longest, by {name}, {duration_text(kept)}", f"let a rule keep {duration_text(longest)}"
        )
    return about.kept(promise, "for ever" if kept == timedelta.max else f"the longest {duration_text(kept)}")


def _leaves_the_region(about: About, rules: tuple[LiveRule, ...], holdings: Holdings) -> Judged:
    promise = f"a copy of every recovery point is in {holdings.recovery}"
    without = [rule.name for rule in rules if all(copy.region != holdings.recovery for copy in rule.copies)]
    if not without:
        return about.kept(promise, f"every rule of {len(rules)} copies")
    mend = f"give {', '.join(without)} a copy action to a vault in {holdings.recovery} with a key of its own"
    if len(without) < len(rules):
        return about.broken(
            Harm.REGION, promise, f"not by {', '.join(without)}: where rules overlap, only the winner copies", mend
        )
    return about.broken(Harm.REGION, promise, "no rule has a copy action there", mend)


def _fresh(about: About, found: Instance | Table, promised: Store, holdings: Holdings) -> Judged:
    rpo = promised.objectives.of(Scenario.RECOVERY_POINT).rpo
    promise = "its newest recovery point is there"
    if isinstance(found.newest, NotChecked):
        return about.refused(promise, found.newest)
    if found.newest is None:
        return about.broken(Harm.LOST, promise, "there is none, in any vault", "start a backup now, and look at its job")
    age = timedelta(seconds=int((holdings.now - found.newest).total_seconds()))
    limit = rpo + 2 * _HOUR
    if age > limit:
        return about.broken(
            Harm.FAILS,
            promise,
            f"it is {duration_text(age)} old",
            "look at the failed jobs: aws backup list-backup-jobs --by-state FAILED",
        )
    return about.kept(promise, f"of {found.newest:%Y-%m-%d %H:%M} UTC")


def _instance(about: About, found: Instance, promised: Store, holdings: Holdings) -> Iterator[Judged]:
    promise = "its own backup window is clear of every rule"
    clash = _clash(found, holdings) if found.keeps else None
    if clash:
        mend = _modify(found, f"--preferred-backup-window hh:mm-hh:mm, clear of {clash}")
        yield about.broken(
            Harm.FAILS, promise, f"{found.backup_window} is inside the hour of {clash}: RDS starts no snapshot then", mend
        )
    elif found.rules and found.keeps:
        yield about.kept(promise, found.backup_window)
    if not found.encrypted:
        mend = "copy a snapshot with a key, restore it, and switch: an instance cannot be encrypted in place"
        yield about.broken(Harm.EXPOSED, "it is encrypted", "its storage is not, and so none of its snapshots", mend)
    if found.public:
        mend = _modify(found, "--no-publicly-accessible")
        yield about.broken(Harm.EXPOSED, "it is private", "it has an address on the internet", mend)
    if isinstance(promised, MySqlStore) and promised.multi_az and not found.multi_az:
        mend = _modify(found, "--multi-az")
        yield about.broken(Harm.LATE, "it stands in two zones", "it is in one", mend)


def _clash(found: Instance, holdings: Holdings) -> str | None:
    """The first rule whose first hour meets the window."""
    window = DailyWindow.parse(found.backup_window)
    for run in schedules.runs(found.rules, holdings.now.date()):
        if any(window.spans(run.at, run.at + min(run.rule.start_window, _HOUR))):
            return run.rule.name
    return None


def _deletable(about: About, found: Instance | Table) -> Judged:
    promise = "it cannot be deleted by one call"
    if found.deletion_protected:
        return about.kept(promise, "deletion protection is on")
    mend = (
        _modify(found, "--deletion-protection")
        if isinstance(found, Instance)
        else f"aws dynamodb update-table --table-name {found.name} --deletion-protection-enabled"
    )
    return about.broken(Harm.EXPOSED, promise, "deletion protection is off", mend)
