"""Are live settings still as promised? What a deployment set, somebody may have changed since; `existing` stores never were ours.

`Drift` counts, for each subject, what differs; the log says what.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from recovery.monitor.snapshot import Look, Number
from recovery.preflight import account
from recovery.preflight.line import State
from recovery.recovery_points import UNUSABLE_KEYS
from recovery.status import sources
from recovery.status.facts import Missing, Window
from strategy.catalogue import metrics, names
from strategy.catalogue.vault_protection import guarded
from strategy.contracts.monitor import Lock, MonitoredStore

SETTLING = timedelta(hours=1)
"""A store that was just made has its settings one after the other."""
_DAY = timedelta(days=1)


def stores(look: Look) -> Iterator[Number]:
    for store in look.wanted.stores:
        made = look.made.get(store.name)
        young = look.now - max(made or look.since, look.since) < SETTLING
        yield _counted(look, store.name, [] if young else list(_store(look, store)))


def plan(look: Look) -> Iterator[Number]:
    young = look.now - look.since < SETTLING  # the vault is made before the plan
    yield _counted(look, metrics.PLAN, [] if young else list(_plan(look)))


def vaults(look: Look) -> Iterator[Number]:
    young = look.now - look.since < SETTLING
    found = [] if young else [f"{name}: {each}" for name in look.wanted.vaults for each in _vault(look, name)]
    yield _counted(look, metrics.VAULTS, found)


def region(look: Look) -> Iterator[Number]:
    """As the pre-flight asks it."""
    lines = [*account.opt_ins(look.wanted, look.client, look.now), *account.keys(look.wanted, look.client, look.now)]
    yield _counted(look, metrics.REGION, [f"{each.what}: {each.seen}" for each in lines if each.state is not State.GREEN])


def _counted(look: Look, subject: str, found: list[str]) -> Number:
    return look.number(metrics.DRIFT, len(found), "; ".join(found), Subject=subject)


# ---------------------------------------------------------------------- stores
def _store(look: Look, store: MonitoredStore) -> Iterator[str]:
    live = look.live[store.name]
    if not live:
        yield "it is not there"
        return
    fact: Window | Missing
    if store.kind == "mysql":
        fact = sources.mysql_window(look.client("rds"), store.arn)
        protected = live.get("DeletionProtection")
    else:
        dynamodb = look.client("dynamodb")
        fact = sources.table_window(dynamodb, store.physical)
        protected = live.get("DeletionProtectionEnabled")
        yield from _time_to_live(dynamodb, store.physical)
    if not protected:
        yield "its deletion protection is off"
    if isinstance(fact, Missing):
        yield fact.why
    else:
        yield from _reach(look, store, fact)


def _reach(look: Look, store: MonitoredStore, window: Window) -> Iterator[str]:
    """Set too short; or set right, and interrupted: not reaching back as far as it has had time to."""
    promised = timedelta(days=store.point_in_time_days)
    if window.keeps < promised:
        yield f"point-in-time recovery is set to {window.keeps.days} days, promised are {promised.days}"
        return
    made = window.since or look.since
    if window.earliest > max(look.now - promised, made) + _DAY:  # RDS reaches back to a daily backup
        yield f"point-in-time recovery reaches back only to {window.earliest.isoformat(timespec='seconds')}: it was interrupted"


def _time_to_live(dynamodb: Any, table: str) -> Iterator[str]:
    found = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    if found.get("TimeToLiveStatus") not in {"ENABLED", "ENABLING"}:
        yield "its time to live is off"
    elif found.get("AttributeName") != names.TIME_TO_LIVE:
        yield f"its time to live is the attribute {found.get('AttributeName')}, promised is {names.TIME_TO_LIVE}"


# ---------------------------------------------------------------------- the plan
def _plan(look: Look) -> Iterator[str]:
    backup = look.client("backup")
    listed = [each for page in backup.get_paginator("list_backup_plans").paginate() for each in page["BackupPlansList"]]
    mine = next((each for each in listed if each["BackupPlanName"] == look.wanted.plan), None)
    if mine is None:
        yield f"there is no plan {look.wanted.plan}"
        return
    document = backup.get_backup_plan(BackupPlanId=mine["BackupPlanId"])["BackupPlan"]
    rules = {each["RuleName"]: each for each in document["Rules"]}
    for wanted in look.wanted.rules:
        rule = rules.get(wanted.name)
        if rule is None:
            yield f"there is no rule {wanted.name}"
            continue
        seen = {
            "schedule": rule.get("ScheduleExpression"),
            "keep_days": rule.get("Lifecycle", {}).get("DeleteAfterDays"),
            "window_seconds": 60 * int(rule.get("StartWindowMinutes", 480)),  # AWS's own, where none is given
            "copy_days": next((each.get("Lifecycle", {}).get("DeleteAfterDays") for each in rule.get("CopyActions", [])), None),
        }
        for name, value in seen.items():
            promised = getattr(wanted, name)
            if value != promised:
                yield f"{wanted.name}: {name.replace('_', ' ')} is {value}, promised is {promised}"
    if not backup.list_backup_selections(BackupPlanId=mine["BackupPlanId"])["BackupSelectionsList"]:
        yield "it selects nothing"


# ---------------------------------------------------------------------- vaults
def _vault(look: Look, name: str) -> Iterator[str]:
    backup, vault, lock = look.client("backup"), look.vaults[name], look.wanted.lock
    yield from _policy(look, backup, name)
    if lock.min_days is not None:
        seen = Lock(min_days=vault.get("MinRetentionDays"), max_days=vault.get("MaxRetentionDays"))
        if not vault.get("Locked"):
            yield "it is not locked"
        elif seen != lock:
            promised = f"{lock.min_days} to {lock.max_days}"
            yield f"its lock keeps {seen.min_days} to {seen.max_days} days, promised {promised}"
    if key := vault.get("EncryptionKeyArn"):
        state = look.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
        if state in UNUSABLE_KEYS:
            yield f"its key {key} is {state}"


def _policy(look: Look, backup: Any, name: str) -> Iterator[str]:
    try:
        text = backup.get_backup_vault_access_policy(BackupVaultName=name).get("Policy")
    except backup.exceptions.ResourceNotFoundException:
        text = None
    denied = refused(json.loads(text)) if text else {}
    for action, exempt in sorted(guarded(look.wanted.exempt.to_json()).items()):
        if action not in denied:
            yield f"its policy no longer refuses {action}"
        elif not denied[action] <= exempt:
            yield f"its policy leaves {action} to {', '.join(sorted(denied[action] - exempt))}"


def refused(policy: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Actions that a policy refuses everybody, and the roles it excepts. One with another condition counts for nothing."""
    found: dict[str, frozenset[str]] = {}
    statements = policy.get("Statement", [])
    for each in [statements] if isinstance(statements, dict) else statements:
        if each.get("Effect") != "Deny" or each.get("Principal") not in ("*", {"AWS": "*"}) or "Resource" not in each:
            continue
        conditions = each.get("Condition", {})
        if set(conditions) - {"ArnNotEquals"} or set(conditions.get("ArnNotEquals", {})) - {"aws:PrincipalArn"}:
            continue
        exempt = frozenset(_texts(conditions.get("ArnNotEquals", {}).get("aws:PrincipalArn", [])))
        for action in _texts(each.get("Action", [])):  # several statements refuse together: who is excepted must be in all
            found[action] = found[action] & exempt if action in found else exempt
    return found


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(each) for each in value]
