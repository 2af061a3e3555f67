"""What is broken so that alarms go off: each function breaks, and says which alarms of which role must go off, and from when.

How jobs end, what AWS cannot delete and how large a recovery point is are set in the embedded AWS's own books; records of what
failed are written as the functions write them. All else is done by a call of AWS's, as somebody would do it by mistake.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from werkzeug.wrappers import Response

from aws_rehearsal import refusal
from recovery.evidence import bucket
from rehearsal.alarm_trials.site import PRIMARY, RECOVERY, ROLES, Site
from strategy.catalogue import names
from strategy.catalogue.alarm_table import ages
from strategy.catalogue.calendar import STORAGE_AND_COST
from strategy.contracts.preflight import SCHEDULE
from strategy.model.cron import runs

HUGE = 10**12
_OLD = timedelta(days=60)
_MODIFIED_WITHIN = timedelta(minutes=30)


class Expected(NamedTuple):
    """`after`: from the act until the promise is broken, from when the alarm's own promise counts."""

    role: str
    alarm: str
    after: timedelta = timedelta()
    lasts: bool = False
    """Nothing fixes it at once: the alarm stays for as long as it says."""


# ---------------------------------------------------------------------- jobs
def jobs_fail(site: Site) -> Iterator[Expected]:
    """A backup that expires, one that completes with a message, a restore and a copy that fail."""
    books, account = site.backup, site.strategy.account
    for role in ROLES:
        vault = names.backup_vault(site.strategy.prefix)
        _job(site, role, vault).move("EXPIRED", "it did not start within its start window")
        yield Expected(role, "backup-failed")
        _job(site, role, vault).move("COMPLETED", "a part was left out")
        yield Expected(role, "completed-with-message", lasts=True)
        point = site.points(role)[-1]
        restore = books.start_restore_job(site.region(role), RecoveryPointArn=point.recovery_point_arn, Metadata={})
        books.move(books.restore_job(site.region(role), restore["RestoreJobId"]), "FAILED", "it may not create a table")
        yield Expected(role, "restore-failed")
    point = site.points(PRIMARY)[-1]
    destination = names.vault_arn(site.region(RECOVERY), account, site.vault(RECOVERY))
    copy = books.create_copy_job(
        site.region(PRIMARY), point, destination=destination, lifecycle={}, role_arn=point.iam_role_arn, backup_job_id=None
    )
    books.move(copy, "FAILED", "the key of the destination is disabled")
    yield Expected(PRIMARY, "copy-failed")


class _Job(NamedTuple):
    books: Any
    job: Any

    def move(self, state: str, message: str) -> None:
        self.books.move(self.job, state, message)


def _job(site: Site, role: str, vault: str) -> _Job:
    made = site.backup.create_backup_job(
        site.region(role),
        resource_arn=site.store("audit-logs").arn,
        vault_name=vault,
        role_arn=names.role_arn(site.strategy.prefix, "backup", site.region(role), site.strategy.account),
        lifecycle={},
        start_window=60,
        completion_window=720,
        tags={},
        copy_actions=[],
        created_by=None,
    )
    return _Job(site.backup, made)


# ---------------------------------------------------------------------- what vaults hold
def points_change(site: Site) -> Iterator[Expected]:
    """One that AWS cannot delete, one of a huge disk, and one that somebody deleted."""
    for role in ROLES:
        stuck, huge = site.points(role)[:2]
        stuck.status = "EXPIRED"
        site.mending.append(partial(setattr, stuck, "status", "COMPLETED"))
        yield Expected(role, "points-expired")
        size, huge.backup_size_in_bytes = huge.backup_size_in_bytes, HUGE
        site.mending.append(partial(setattr, huge, "backup_size_in_bytes", size))
        yield Expected(role, "vault-full")
    newest = [each for each in site.points(PRIMARY) if each.resource_type == "DynamoDB"][-2]
    site.client("backup").delete_recovery_point(BackupVaultName=site.vault(PRIMARY), RecoveryPointArn=newest.recovery_point_arn)
    yield Expected(PRIMARY, "points-gone", lasts=True)


def sizes_change(site: Site) -> Iterator[Expected]:
    """Before a scheduled run: a disk of twice the size, and three times the items."""
    rds, mysql, table = site.client("rds"), site.store("mysql"), site.store("audit-logs")
    _stay_clear_of_runs(site)
    before = rds.describe_db_instances(DBInstanceIdentifier=mysql.physical)["DBInstances"][0]["AllocatedStorage"]
    rds.modify_db_instance(DBInstanceIdentifier=mysql.physical, AllocatedStorage=2 * before, ApplyImmediately=True)
    dynamodb = site.client("dynamodb")
    items = dynamodb.scan(TableName=table.physical)["Items"]
    described = dynamodb.describe_table(TableName=table.physical)["Table"]
    key = next(each["AttributeName"] for each in described["KeySchema"] if each["KeyType"] == "HASH")
    for number, item in enumerate(items * 2):
        copied = {kind: f"{value}-{number}" if kind == "S" else str(10**12 + number) for kind, value in item[key].items()}
        dynamodb.put_item(TableName=table.physical, Item=item | {key: copied})
    due = next(iter(runs(site.strategy.rules[0].schedule, site.cloud.clock.now(), site.cloud.clock.now() + timedelta(days=1))))
    window = site.strategy.rules[0].start_window
    for store in (mysql, table):
        yield Expected(
            PRIMARY, f"size-{store.name}", due + window + timedelta(seconds=store.backup_seconds) - site.cloud.clock.now()
        )


def _stay_clear_of_runs(site: Site) -> None:
    """A backup that starts while its instance is being modified fails: another alarm's cause."""
    now = site.cloud.clock.now()
    for due in runs(site.strategy.rules[0].schedule, now, now + _MODIFIED_WITHIN):
        site.cloud.clock.advance_to(due + _MODIFIED_WITHIN)


# ---------------------------------------------------------------------- settings
def settings_change(site: Site) -> Iterator[Expected]:
    rds, dynamodb, backup = site.client("rds"), site.client("dynamodb"), site.client("backup")
    mysql, table = site.store("mysql").physical, site.store("audit-logs").physical
    rds.modify_db_instance(DBInstanceIdentifier=mysql, DeletionProtection=False)
    site.mending.append(lambda: rds.modify_db_instance(DBInstanceIdentifier=mysql, DeletionProtection=True))
    yield Expected(PRIMARY, "drift-mysql")
    dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification={"Enabled": False, "AttributeName": names.TIME_TO_LIVE})
    site.mending.append(
        lambda: dynamodb.update_time_to_live(
            TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": names.TIME_TO_LIVE}
        )
    )
    yield Expected(PRIMARY, "drift-audit-logs")
    (plan,) = backup.list_backup_plans()["BackupPlansList"]
    document = backup.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]
    given = {name: document[name] for name in ("BackupPlanName", "Rules", "AdvancedBackupSettings") if name in document}
    rules = [{name: value for name, value in each.items() if name != "RuleId"} for each in given["Rules"]]
    shorter = [each | {"Lifecycle": {"DeleteAfterDays": 1}} for each in rules]
    backup.update_backup_plan(BackupPlanId=plan["BackupPlanId"], BackupPlan=given | {"Rules": shorter})
    site.mending.append(lambda: backup.update_backup_plan(BackupPlanId=plan["BackupPlanId"], BackupPlan=given | {"Rules": rules}))
    yield Expected(PRIMARY, "drift-plan")
    for role in ROLES:
        yield from _region_settings_change(site, role)


def _region_settings_change(site: Site, role: str) -> Iterator[Expected]:
    backup, vault = site.client("backup", role), names.copy_vault(site.strategy.prefix)
    policy = backup.get_backup_vault_access_policy(BackupVaultName=vault)["Policy"]
    backup.delete_backup_vault_access_policy(BackupVaultName=vault)
    site.mending.append(lambda: backup.put_backup_vault_access_policy(BackupVaultName=vault, Policy=policy))
    yield Expected(role, "drift-vaults")
    backup.update_region_settings(ResourceTypeOptInPreference={"RDS": False})
    site.mending.append(lambda: backup.update_region_settings(ResourceTypeOptInPreference={"RDS": True}))
    yield Expected(role, "drift-region")


def histories_end(site: Site) -> Iterator[Expected]:
    """Native point-in-time recovery off, in both stores. Nothing fixes what was not kept meanwhile."""
    rds, dynamodb = site.client("rds"), site.client("dynamodb")
    rds.modify_db_instance(DBInstanceIdentifier=site.store("mysql").physical, BackupRetentionPeriod=0, ApplyImmediately=True)
    dynamodb.update_continuous_backups(
        TableName=site.store("audit-logs").physical,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )
    for store in ("mysql", "audit-logs"):
        yield Expected(PRIMARY, f"age-{store}-point-in-time")
        yield Expected(PRIMARY, f"drift-{store}")


# ---------------------------------------------------------------------- proofs
def proofs_fail(site: Site) -> Iterator[Expected]:
    """Records of a drill, a check, a test, a pre-flight and a review that did not go well; newer ones clear it."""
    now = site.cloud.clock.now()
    for role in ROLES:
        routes = site.asked(role).proofs.routes
        (unproved, store), (slow, slow_store) = routes[0], routes[1]
        _record(site, role, bucket.drill_key(names.DRILLS, unproved, now, "r00000001"), store=store)
        yield Expected(role, "route-unproved")
        _slow(site, role, slow, slow_store, 3e5)
        site.mending.append(partial(_slow, site, role, slow, slow_store, 60.0))
        yield Expected(role, "rto")
        _record(site, role, bucket.restore_test_key("mysql", now, site.region(role)), store="mysql")
        yield Expected(role, "restore-test-failed")
        yield from _reviews(site, role, now)
    _record(site, PRIMARY, bucket.drill_key(names.INTEGRITY, "mysql", now, "r00000004"), store="mysql")
    yield Expected(PRIMARY, "integrity")
    site.put_record(RECOVERY, bucket.preflight_key(now), ready=False, red=2, lines=[])
    site.mending.append(
        lambda: site.put_record(RECOVERY, bucket.preflight_key(site.cloud.clock.now()), ready=True, red=0, lines=[])
    )
    yield Expected(RECOVERY, "preflight-red")


def _slow(site: Site, role: str, route: str, store: str, seconds: float) -> None:
    key = bucket.drill_key(names.DRILLS, route, site.cloud.clock.now(), "r00000002")
    site.put_record(role, key, store=store, outcome="passed", rpo_seconds=1.0, rto_seconds=seconds)


def _record(site: Site, role: str, key: str, **body: Any) -> None:
    """One that failed; and, to fix it, the same of later that passed."""
    numbers = {"rpo_seconds": 1.0, "rto_seconds": 60.0, **body}
    site.put_record(role, key, outcome="failed", problem="3 rows differ", **numbers)
    folder, _, name = key.rpartition("/")
    stamp = name[:16]

    def passed() -> None:
        later = site.cloud.clock.now().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        site.put_record(role, f"{folder}/{name.replace(stamp, later)}", outcome="passed", problem="", **numbers)

    site.mending.append(passed)


def _reviews(site: Site, role: str, now: datetime) -> Iterator[Expected]:
    """The last review of storage and cost is long ago, and its bill was high; newer ones are taken away."""
    s3, asked, region = site.client("s3", role), site.asked(role), site.region(role)
    folder = f"{names.DUTIES}/{STORAGE_AND_COST}/"
    for version in s3.list_object_versions(Bucket=asked.evidence, Prefix=folder).get("Versions", []):
        s3.delete_object(
            Bucket=asked.evidence, Key=version["Key"], VersionId=version["VersionId"], BypassGovernanceRetention=True
        )
    usd = asked.computed_usd

    def review(moment: datetime, factor: float) -> None:
        billed = {"month": "2026-09-01", "usd": round(usd * factor, 2)}
        key = bucket.duty_key(STORAGE_AND_COST, moment, region)
        site.put_record(role, key, at=moment.isoformat(), outcome="passed", billed=billed)

    review(now - _OLD, 2.0)
    site.mending.append(lambda: review(site.cloud.clock.now(), 1.0))
    yield Expected(role, "duty-overdue")
    yield Expected(role, "bill")


# ---------------------------------------------------------------------- silence
def readings_are_refused(site: Site) -> Iterator[Expected]:
    def refuse(_region: str, service: str, operation: str) -> Response | None:
        if operation == "DescribeRegionSettings":
            return refusal(service, "AccessDeniedException", "not authorized", status=403)
        return None

    site.cloud.gateway.interceptors.append(refuse)
    site.mending.append(lambda: site.cloud.gateway.interceptors.remove(refuse))
    yield from (Expected(role, "not-checked") for role in ROLES)


def preflights_stop(site: Site) -> Iterator[Expected]:
    _disable(site, RECOVERY, "preflight")
    now = site.cloud.clock.now()
    due = next(iter(runs(SCHEDULE, now, now + timedelta(days=2))))
    yield Expected(RECOVERY, "preflight-overdue", due + timedelta(hours=2) - now)


def monitors_stop(site: Site) -> Iterator[Expected]:
    for role in ROLES:
        _disable(site, role, names.MONITOR)
        yield Expected(role, "monitor-silent")
        yield Expected(role, "peer-silent")


def _disable(site: Site, role: str, purpose: str) -> None:
    """The rule that starts a function."""
    events = site.client("events", role)
    function = names.function(site.strategy.prefix, purpose)
    rules = [each for page in events.get_paginator("list_rules").paginate() for each in page["Rules"]]
    for rule in rules:
        targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        if any(each["Arn"].endswith(f":{function}") for each in targets) and rule.get("ScheduleExpression"):
            events.disable_rule(Name=rule["Name"])
            site.mending.append(partial(events.enable_rule, Name=rule["Name"]))


def plan_stops(site: Site) -> Iterator[Expected]:
    """Nothing is selected any more: no job fails, none begins. It is noticed in both regions, each by its own reads."""
    backup, now = site.client("backup"), site.cloud.clock.now()
    (plan,) = backup.list_backup_plans()["BackupPlansList"]
    for each in backup.list_backup_selections(BackupPlanId=plan["BackupPlanId"])["BackupSelectionsList"]:
        backup.delete_backup_selection(BackupPlanId=plan["BackupPlanId"], SelectionId=each["SelectionId"])
    yield Expected(PRIMARY, "drift-plan")
    strategy = site.strategy
    due = min(next(iter(runs(each.schedule, now, now + timedelta(days=8)))) for each in strategy.rules)
    window = max(each.start_window for each in strategy.rules)
    newest = {role: site.points(role)[-1].creation_date for role in ROLES}
    for role in ROLES:
        for store in site.asked(role).stores:
            if role == PRIMARY:
                yield Expected(role, f"late-{store.name}", due + strategy.alerts.late_after - now)
            else:
                takes = timedelta(seconds=store.backup_seconds + store.copy_seconds)
                yield Expected(role, f"copy-late-{store.name}", due + window + takes + strategy.alerts.late_after - now)
            kind = "recovery-points" if role == PRIMARY else "copies"
            allowed = dict(ages(strategy, strategy.store(store.name), primary=role == PRIMARY))[kind]
            yield Expected(role, f"age-{store.name}-{kind}", newest[role] + allowed - now)
