"""What the old stores are like now, read when the plan is made. A store that is gone is None; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_rds import RDSClient

_GONE = frozenset({"DBInstanceNotFound", "DBInstanceNotFoundFault", "ResourceNotFoundException", "TableNotFoundException"})
_TARGET = ("ScalableDimension", "MinCapacity", "MaxCapacity")


def live_mysql(rds: RDSClient, name: str) -> dict[str, Any] | None:
    """As DescribeDBInstances shows it."""
    found: dict[str, Any] | None = _unless_gone(lambda: rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0])
    return found


def live_table(dynamodb: DynamoDBClient, autoscaling: Any, name: str) -> dict[str, Any] | None:
    """`table`, `point_in_time`, `time_to_live`, `tags`, `scaling`, `contributor_insights` and `kinesis`.

    What is seldom used and could not be read is None, and its setting is listed as one that nobody can put back.
    """
    table: Any = _unless_gone(lambda: dynamodb.describe_table(TableName=name)["Table"])
    if table is None:
        return None
    tags = dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=table["TableArn"])
    on_demand = table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"
    return {
        "table": table,
        "point_in_time": dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"],
        "time_to_live": dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
        "tags": {tag["Key"]: tag["Value"] for page in tags for tag in page["Tags"]},
        "scaling": [] if on_demand else _readable(lambda: scaling(autoscaling, table)),
        "contributor_insights": _readable(
            lambda: dynamodb.describe_contributor_insights(TableName=name).get("ContributorInsightsStatus", "DISABLED")
        ),
        "kinesis": _readable(
            lambda: [
                each["StreamArn"]
                for each in dynamodb.describe_kinesis_streaming_destination(TableName=name)["KinesisDataStreamDestinations"]
                if each.get("DestinationStatus") in {"ACTIVE", "ENABLING", "UPDATING"}
            ]
        ),
    }


def scaling(autoscaling: Any, table: Any) -> list[dict[str, Any]]:
    """Capacity that follows the load: `on` is the table itself (empty) or `/index/NAME`."""
    name = table["TableName"]
    own = f"table/{name}"
    resources = [own, *(f"{own}/index/{index['IndexName']}" for index in table.get("GlobalSecondaryIndexes", []))]
    pages = autoscaling.get_paginator("describe_scalable_targets").paginate(ServiceNamespace="dynamodb", ResourceIds=resources)
    targets = [target for page in pages for target in page["ScalableTargets"]]
    return [
        {
            "on": target["ResourceId"].removeprefix(own),
            **{key: target[key] for key in _TARGET},
            "policies": _policies(autoscaling, target),
        }
        for target in targets
    ]


def _policies(autoscaling: Any, target: Any) -> list[dict[str, Any]]:
    """Without the alarms, which are made with a policy."""
    kept = ("PolicyName", "PolicyType", "TargetTrackingScalingPolicyConfiguration", "StepScalingPolicyConfiguration")
    pages = autoscaling.get_paginator("describe_scaling_policies").paginate(
        ServiceNamespace="dynamodb", ResourceId=target["ResourceId"], ScalableDimension=target["ScalableDimension"]
    )
    return [{key: each[key] for key in kept if key in each} for page in pages for each in page["ScalingPolicies"]]


def _unless_gone(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return None
        raise


def _readable(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except ClientError:
        return None
