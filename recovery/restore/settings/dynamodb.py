"""What a restored table must be like: a value of the plan, made from the strategy and from the old table.

A managed store is as the strategy says; what the strategy does not say (stream, table class, scaling, insights) is as in the
old table. An existing store is as the old table is. Keys, indexes and items come with the restore. A resource policy is never
taken along: it might be a fence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from recovery.restore.settings.mysql import marked
from strategy.catalogue import names

if TYPE_CHECKING:
    from strategy.model.stores import DynamoDbStore

_LONGEST_DAYS = 35
_ON_DEMAND = {"BillingMode": "PAY_PER_REQUEST"}


def wanted_dynamodb(
    *,
    store: DynamoDbStore,
    live: Mapping[str, Any] | None,
    tags: Mapping[str, str],
    plan_id: str,
    drill: bool,
) -> dict[str, Any]:
    """`live`: the old table, as `live_table` reads it. `tags`: the strategy's."""
    managed = store.source == "managed"
    promised = {
        "point_in_time_days": store.point_in_time.days,
        "time_to_live": names.TIME_TO_LIVE,
        "deletion_protection": True,
        "billing": dict(_ON_DEMAND),
        "encryption": {"key": None},
    }
    defaults = {**promised, "stream": None, "table_class": "STANDARD", "scaling": [], "contributor_insights": False}
    shown = _shown(live) if live else {}
    values = {**defaults, **shown, **(promised if managed else {})}
    if not managed and not live:
        values["encryption"] = None
    if drill:
        # Scalable targets and insights are resources of their own, which would outlive the table.
        values |= {"deletion_protection": False, "scaling": [], "contributor_insights": False}
    return {
        **values,
        "resource_policy": None,
        "tags": marked(dict(tags) if managed or not live else live["tags"], plan_id=plan_id, drill=drill),
        "differs": [
            {"what": key, "wanted": value, "found": shown[key]}
            for key, value in promised.items()
            if managed and live and not alike(key, value, shown[key])
        ],
        "cannot": _cannot(store, live),
    }


def described(table: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that DescribeTable shows, in the plan's words."""
    stream = table.get("StreamSpecification") or {}
    encryption = table.get("SSEDescription") or {}
    return {
        "deletion_protection": bool(table.get("DeletionProtectionEnabled")),
        "encryption": {"key": encryption.get("KMSMasterKeyArn")} if encryption.get("Status", "DISABLED") != "DISABLED" else None,
        "billing": _billing(table),
        "stream": stream.get("StreamViewType") if stream.get("StreamEnabled") else None,
        "table_class": (table.get("TableClassSummary") or {}).get("TableClass", "STANDARD"),
    }


def point_in_time_days(described_backups: Mapping[str, Any]) -> int | None:
    history = described_backups.get("PointInTimeRecoveryDescription") or {}
    if history.get("PointInTimeRecoveryStatus") != "ENABLED":
        return None
    return int(history.get("RecoveryPeriodInDays", _LONGEST_DAYS))


def time_to_live(described_ttl: Mapping[str, Any]) -> str | None:
    on = described_ttl.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}
    return described_ttl.get("AttributeName") if on else None


def alike(what: str, wanted: Any, found: Any) -> bool:
    """Whether a setting is as it should be. A managed key's ARN is not known beforehand: any key of the account's will do."""
    if what == "encryption" and wanted and wanted["key"] is None:
        return found is not None
    return bool(wanted == found)


def _shown(live: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **described(live["table"]),
        "point_in_time_days": point_in_time_days(live["point_in_time"]),
        "time_to_live": time_to_live(live["time_to_live"]),
        "scaling": live["scaling"] or [],
        "contributor_insights": live["contributor_insights"] in {"ENABLED", "ENABLING"},
    }


def _billing(table: Mapping[str, Any]) -> dict[str, Any]:
    """UpdateTable's own parameters."""
    if (table.get("BillingModeSummary") or {}).get("BillingMode") == "PAY_PER_REQUEST":
        return dict(_ON_DEMAND)
    indexes = {index["IndexName"]: _throughput(index) for index in table.get("GlobalSecondaryIndexes", [])}
    return {
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": _throughput(table),
        **({"indexes": indexes} if indexes else {}),
    }


def _throughput(part: Mapping[str, Any]) -> dict[str, int]:
    return {key: int(part["ProvisionedThroughput"][key]) for key in ("ReadCapacityUnits", "WriteCapacityUnits")}


def _cannot(store: DynamoDbStore, live: Mapping[str, Any] | None) -> list[dict[str, str]]:
    listed = {}
    if store.replica:
        listed["replica in the other region"] = "it belongs to the old table; the restored one gets its own when it is adopted"
    if live is None:
        gone = "the old table is gone, and neither its recovery point nor the strategy says it"
        other = ("stream", "table class", "scaling", "contributor insights", "Kinesis destinations")
        owned = ("encryption key", "tags") if store.source == "existing" else ()
        return [
            {"what": what, "because": because} for what, because in {**listed, **dict.fromkeys((*other, *owned), gone)}.items()
        ]
    for key, what in {
        "scaling": "scaling",
        "contributor_insights": "contributor insights",
        "kinesis": "Kinesis destinations",
    }.items():
        if live[key] is None:
            listed[what] = "it could not be read from the old table"
    for arn in live["kinesis"] or []:
        listed[f"Kinesis destination {arn}"] = "two tables would write to one stream; move it by hand when the old one is retired"
    if live["table"].get("OnDemandThroughput"):
        listed["on-demand limits"] = "they are not put back; set them when the table is adopted"
    if (live["table"].get("StreamSpecification") or {}).get("StreamEnabled"):
        listed["consumers of the stream"] = "the restored table's stream is a new one, by another ARN: point them at it by hand"
    return [{"what": what, "because": because} for what, because in listed.items()]
