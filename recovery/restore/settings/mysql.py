"""What a restored MySQL instance must be like: a value of the plan, from the strategy, the old instance or its recovery point.

A managed store is as the strategy says; where the old instance differed, the plan shows it. An existing store is as the old
instance is, and where that is gone as its recovery point and the strategy say; what none of them knows is listed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from recovery.restore.settings import instance
from recovery.restore.settings.instance import AFTER, AT_RESTORE, FLAGS, NOT_BY_AWS_BACKUP, Instance, found
from strategy.catalogue import names

if TYPE_CHECKING:
    from strategy.model.stores import MySqlStore

_FIXED_IOPS = 3000
"""Of a gp3 volume below 400 GiB: RDS shows them, and refuses to be told them or a throughput."""
_LISTS = frozenset({"EnableCloudwatchLogsExports", "VpcSecurityGroupIds"})
_NUMBERS = frozenset({"BackupRetentionPeriod", "Iops", "StorageThroughput"})
_OPTIONAL = frozenset({"Iops", "NetworkType", "OptionGroupName", "StorageThroughput"})
_UNRECORDED = {
    "MaxAllocatedStorage": "storage autoscaling",
    "MonitoringInterval": "enhanced monitoring",
    "EnablePerformanceInsights": "Performance Insights",
}


def wanted_mysql(
    *,
    store: MySqlStore,
    prefix: str,
    network: Mapping[str, str],
    live: Instance | None,
    point: Mapping[str, str] | None,
    tags: Mapping[str, str],
    plan_id: str,
    drill: bool,
    isolated: bool = False,
) -> dict[str, Any]:
    """`network`: the region's published ids, by the last part of their parameter's name. `live`: the old instance. `point`: its
    recovery point's restore metadata. `tags`: the strategy's. `isolated`: where no service can reach it.
    """
    managed = store.source == "managed"
    shown = _shown(live) if live else {}
    if managed:
        # What the strategy does not name was set by hand, and would be lost.
        promised = _promised(store, prefix, network)
        values = {**{key: value for key, value in shown.items() if key in AFTER or key in _OPTIONAL}, **promised}
    else:
        promised = {}
        values = shown if live else {**_assumed(store), **_recorded(point or {})}
    values = {**values, **_volume(values, live)}
    unknown = [] if managed or live else _unknown(values)
    if drill:
        values |= {"MultiAZ": False, "DeletionProtection": False}
    if isolated:
        values = {**values, **_apart(prefix, network)}
    return {
        "at_restore": {key: values[key] for key in AT_RESTORE if values.get(key) is not None},
        "after": {key: values[key] for key in AFTER if values.get(key) is not None},
        "encrypted": bool(live["StorageEncrypted"]) if live and not managed and "StorageEncrypted" in live else managed,
        "tags": marked(dict(tags) if managed else instance.tags(live or {}), plan_id=plan_id, drill=drill),
        "differs": [
            {"what": key, "wanted": value, "found": found(live, key)}
            for key, value in promised.items()
            if live and found(live, key) != value
        ],
        "cannot": [*unknown, *_at_adoption(store)],
    }


def metadata(at_restore: Mapping[str, Any], target: str) -> dict[str, str]:
    """The settings that AWS Backup's restore metadata takes, as it takes them: texts, in which lists and flags are JSON."""
    taken = {key: value for key, value in at_restore.items() if key not in NOT_BY_AWS_BACKUP}
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in taken.items()}
    return {**texts, "DBInstanceIdentifier": target}


def marked(tags: Mapping[str, str], *, plan_id: str, drill: bool) -> dict[str, str]:
    """A store's own tags and the plan's; an earlier restore's marks and AWS's reserved tags are not taken along."""
    own = {key: value for key, value in tags.items() if not key.startswith("aws:") and key != names.DRILL_TAG}
    return {**own, names.PLAN_TAG: plan_id, **({names.DRILL_TAG: "true"} if drill else {})}


def _promised(store: MySqlStore, prefix: str, network: Mapping[str, str]) -> dict[str, Any]:
    """As the backup stack makes it."""
    return {
        **_assumed(store),
        "DBSubnetGroupName": names.subnet_group(prefix),
        "DBParameterGroupName": names.parameter_group(prefix),
        "VpcSecurityGroupIds": [network["database-security-group"]],
        "EnableIAMDatabaseAuthentication": True,
        "EnableCloudwatchLogsExports": ["error"],
        "AutoMinorVersionUpgrade": True,
        "StorageType": "gp3",
    }


def _apart(prefix: str, network: Mapping[str, str]) -> dict[str, Any]:
    """In the drills' own subnets, reached by the functions that verify; without logs, which would outlive the instance."""
    return {
        "DBSubnetGroupName": names.drill_subnet_group(prefix),
        "VpcSecurityGroupIds": [network["drill-security-group"]],
        "EnableCloudwatchLogsExports": None,
    }


def _assumed(store: MySqlStore) -> dict[str, Any]:
    """What the strategy says of any MySQL store, whoever made it."""
    return {
        "DBInstanceClass": store.instance_class,
        "MultiAZ": store.multi_az,
        "PubliclyAccessible": False,
        "BackupRetentionPeriod": store.point_in_time.days,
        "PreferredBackupWindow": str(store.backup_window),
        "CopyTagsToSnapshot": True,
        "DeletionProtection": True,
        "PreferredMaintenanceWindow": str(store.maintenance_window).lower(),
    }


def _shown(live: Instance) -> dict[str, Any]:
    """The old instance's settings, without what is AWS's default anyway."""
    values = {key: found(live, key) for key in (*AT_RESTORE, *AFTER)}
    if str(values["OptionGroupName"]).startswith("default:"):
        values["OptionGroupName"] = None
    if values["NetworkType"] != "DUAL":
        values["NetworkType"] = None
    if (values["MaxAllocatedStorage"] or 0) <= live.get("AllocatedStorage", 0):
        values["MaxAllocatedStorage"] = None
    if not values["MonitoringInterval"]:
        values |= {"MonitoringInterval": None, "MonitoringRoleArn": None}
    if not values["EnablePerformanceInsights"]:
        values |= dict.fromkeys(key for key in AFTER if "Insights" in key)
    return {key: value for key, value in values.items() if value is not None}


def _recorded(point: Mapping[str, str]) -> dict[str, Any]:
    """Restore metadata, typed; AWS Backup does not promise how it spells the names."""
    known = {key.lower(): key for key in AT_RESTORE}
    named = {known[key.lower()]: text for key, text in point.items() if key.lower() in known and text not in {"", "null"}}
    typed = {key: _typed(key, text) for key, text in named.items()}
    return {key: value for key, value in typed.items() if not str(value).startswith("default:")}


def _typed(key: str, text: str) -> Any:
    if key in _LISTS:
        return sorted(json.loads(text))
    if key in _NUMBERS:
        return int(text)
    return text.lower() == "true" if key in FLAGS else text


def _volume(values: Mapping[str, Any], live: Instance | None) -> dict[str, Any]:
    """Only volumes that can be told their IOPS are told, and only what was true of the same type of storage."""
    kind = values.get("StorageType")
    same = live is None or live.get("StorageType") == kind
    told = same and (kind in {"io1", "io2"} or (kind == "gp3" and (values.get("Iops") or 0) > _FIXED_IOPS))
    return {
        "Iops": values.get("Iops") if told else None,
        "StorageThroughput": values.get("StorageThroughput") if told and kind == "gp3" else None,
    }


def _unknown(values: Mapping[str, Any]) -> list[dict[str, str]]:
    gone = "the old instance is gone, and neither its recovery point nor the strategy says it"
    missing = {key: key for key in AT_RESTORE if key not in values and key not in _OPTIONAL}
    return [{"what": what, "because": gone} for what in {**missing, **_UNRECORDED}.values()]


def _at_adoption(store: MySqlStore) -> list[dict[str, str]]:
    """What hangs on an instance and is another resource's."""
    made = {
        "backups replicated to the other region": store.replicated_backups,
        "read replica in the other region": store.read_replica,
    }
    because = "it belongs to the old instance; the restored one gets its own when it is adopted"
    return [{"what": what, "because": because} for what, exists in made.items() if exists]
