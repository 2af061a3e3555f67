"""Makes a restored table as its plan says: one look, what can be changed at once, and what is still missing.

Called again each minute until it is settled. UpdateTable makes a table UPDATING, in which it takes no other change: so these come
last, one in each call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from recovery.restore.settings import dynamodb as words
from recovery.restore.settings.answer import Answer, SettingsRefused
from recovery.restore.settings.put_scaling import put_scaling
from strategy.catalogue import store_states
from strategy.catalogue.store_states import Course
from strategy.contracts.restore import SettingsAnswer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from recovery.restore.plan import Plan

_ESSENTIAL = frozenset({"deletion_protection", "encryption"})


def put(dynamodb: DynamoDBClient, autoscaling: Callable[[], Any], plan: Plan) -> SettingsAnswer:
    """`autoscaling` gives the client, which most tables do not need."""
    name, wanted = plan.target.name, plan.settings
    table: Any = dynamodb.describe_table(TableName=name)["Table"]
    answer = Answer(name, wanted.get("cannot", ()))
    _check(table)
    for reason in _on_the_way(table):
        answer.wait(reason)
    if answer.waits:
        return answer.given()
    _put_tags(dynamodb, table["TableArn"], wanted["tags"], answer)
    _put_point_in_time(dynamodb, name, wanted["point_in_time_days"], answer)
    _put_time_to_live(dynamodb, name, wanted["time_to_live"], answer)
    if wanted["scaling"]:
        put_scaling(autoscaling(), table, wanted["scaling"], answer)
    if wanted["contributor_insights"]:
        _put_insights(dynamodb, name, answer)
    _put_table(dynamodb, name, wanted, words.described(table), answer)
    return answer.given()


def _check(table: Mapping[str, Any]) -> None:
    if store_states.of("dynamodb", table["TableStatus"]).stuck:
        raise SettingsRefused(f"{store_states.said('dynamodb', table['TableName'], table['TableStatus'])}. It was left as it is.")


def _on_the_way(table: Mapping[str, Any]) -> list[str]:
    waiting = []
    if store_states.of("dynamodb", table["TableStatus"]).course is not Course.OPERATIONAL:
        waiting.append(store_states.said("dynamodb", table["TableName"], table["TableStatus"]))
    waiting += [
        f"index {index['IndexName']} is {index['IndexStatus']}"
        for index in table.get("GlobalSecondaryIndexes", [])
        if index.get("IndexStatus", "ACTIVE") != "ACTIVE"
    ]
    encryption = (table.get("SSEDescription") or {}).get("Status", "ENABLED")
    if encryption in {"ENABLING", "DISABLING", "UPDATING"}:
        waiting.append(f"encryption is {encryption}")
    return waiting


def _tags(dynamodb: DynamoDBClient, arn: str) -> dict[str, str]:
    pages = dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def _put_tags(dynamodb: DynamoDBClient, arn: str, wanted: Mapping[str, str], answer: Answer) -> None:
    own = _tags(dynamodb, arn)
    if not answer.compare("tags", wanted, {key: own[key] for key in wanted if key in own}):
        as_dynamodb: Any = [{"Key": key, "Value": value} for key, value in wanted.items()]
        answer.change(lambda: dynamodb.tag_resource(ResourceArn=arn, Tags=as_dynamodb), "tags")


def _put_point_in_time(dynamodb: DynamoDBClient, name: str, days: int | None, answer: Answer) -> None:
    found = words.point_in_time_days(dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"])
    if days is not None and not answer.compare("point_in_time_days", days, found):
        on: Any = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": days}
        answer.change(
            lambda: dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=on),
            "point_in_time_days",
            essential=True,
        )


def _put_time_to_live(dynamodb: DynamoDBClient, name: str, attribute: str | None, answer: Answer) -> None:
    described: Any = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    found = words.time_to_live(described)
    same = answer.compare("time_to_live", attribute, found)
    if described.get("TimeToLiveStatus") in {"ENABLING", "DISABLING"}:
        answer.wait(f"time to live is {described['TimeToLiveStatus']}")
        return
    if same:
        return
    # Only one attribute can rule; another one is switched off first, and DynamoDB takes one change in an hour.
    change: Any = {"Enabled": False, "AttributeName": found} if found else {"Enabled": True, "AttributeName": attribute}
    answer.change(lambda: dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=change), "time_to_live")


def _put_insights(dynamodb: DynamoDBClient, name: str, answer: Answer) -> None:
    status = dynamodb.describe_contributor_insights(TableName=name).get("ContributorInsightsStatus", "DISABLED")
    if not answer.compare("contributor_insights", True, status in {"ENABLED", "ENABLING"}):
        answer.change(
            lambda: dynamodb.update_contributor_insights(TableName=name, ContributorInsightsAction="ENABLE"),
            "contributor_insights",
        )


def _put_table(dynamodb: DynamoDBClient, name: str, wanted: Mapping[str, Any], found: Mapping[str, Any], answer: Answer) -> None:
    free = {"billing"} if wanted["scaling"] and _mode(wanted) == _mode(found) else set()  # scaling moves the numbers
    free |= {key for key in _ESSENTIAL if not wanted[key]}  # protection is never lifted
    differing = []
    for key, value in found.items():
        if key in free:
            continue
        as_wanted = value if words.alike(key, wanted[key], value) else wanted[key]
        if not answer.compare(key, as_wanted, value):
            differing.append(key)
    for key in differing:
        change = partial(dynamodb.update_table, TableName=name, **_parameters(key, wanted[key]))
        if answer.change(change, key, essential=key in _ESSENTIAL):
            return


def _mode(settings: Mapping[str, Any]) -> str:
    return str(settings["billing"]["BillingMode"])


def _parameters(key: str, wanted: Any) -> dict[str, Any]:
    """Of UpdateTable."""
    if key == "deletion_protection":
        return {"DeletionProtectionEnabled": wanted}
    if key == "encryption":
        # Without a key it is the account's own `aws/dynamodb`.
        key_id = {"KMSMasterKeyId": wanted["key"]} if wanted["key"] else {}
        return {"SSESpecification": {"Enabled": True, "SSEType": "KMS", **key_id}}
    if key == "stream":
        on = {"StreamEnabled": True, "StreamViewType": wanted} if wanted else {"StreamEnabled": False}
        return {"StreamSpecification": on}
    if key == "table_class":
        return {"TableClass": wanted}
    indexes = [
        {"Update": {"IndexName": index, "ProvisionedThroughput": each}} for index, each in wanted.get("indexes", {}).items()
    ]
    plain = {name: value for name, value in wanted.items() if name != "indexes"}
    return {**plain, **({"GlobalSecondaryIndexUpdates": indexes} if indexes else {})}
