"""A table's settings after a restore: what is wanted, what is put back, what is waited for, and what stops the restore."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from recovery.restore.settings.answer import SettingsRefused
from recovery.restore.settings.dynamodb import wanted_dynamodb
from recovery.restore.settings.live import live_table
from recovery.restore.settings.put_dynamodb import put
from strategy.catalogue import names as naming
from strategy.catalogue.routes import Route
from strategy.catalogue.store_states import TABLE, Course, of_course, said
from tests.settings_plans import ACCOUNT, PLAN_ID, REGION, Stubs, dynamodb_store, plan

TAGS = {"application": "banking-buddy"}
TARGET = plan(Route.DYNAMODB_TO_A_MOMENT, {}).target.name
ARN = naming.store_arn("dynamodb", REGION, ACCOUNT, TARGET)
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/a"
DAYS = dynamodb_store().point_in_time.days
ON_DEMAND = {"BillingMode": "PAY_PER_REQUEST"}
CAPACITY = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
INSIGHTS = {"TableName": TARGET, "ContributorInsightsStatus": "DISABLED"}
POLICY = {
    "PolicyName": "reads",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 70.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
    },
}
SCALING = {
    "on": "/index/AgentIndex",
    "ScalableDimension": "dynamodb:index:ReadCapacityUnits",
    "MinCapacity": 5,
    "MaxCapacity": 50,
}


def table(name: str = TARGET, **changes: Any) -> dict[str, Any]:
    """A restored table as DescribeTable shows it, like the strategy says."""
    return {
        "TableName": name,
        "TableArn": ARN,
        "TableStatus": "ACTIVE",
        "BillingModeSummary": ON_DEMAND,
        "DeletionProtectionEnabled": True,
        "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": KEY},
        "GlobalSecondaryIndexes": [{"IndexName": "AgentIndex", "IndexStatus": "ACTIVE", "ProvisionedThroughput": CAPACITY}],
        **changes,
    }


def live(**changes: Any) -> dict[str, Any]:
    """As `live_table` reads the old one."""
    return {
        "table": table(),
        "point_in_time": backups(DAYS),
        "time_to_live": {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"},
        "tags": {"owner": "them"},
        "scaling": [],
        "contributor_insights": "DISABLED",
        "kinesis": [],
        **changes,
    }


def backups(days: int | None) -> dict[str, Any]:
    recovery = {"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": days}
    return {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": recovery if days else {"PointInTimeRecoveryStatus": "DISABLED"},
    }


def wanted(**changes: Any) -> dict[str, Any]:
    return wanted_dynamodb(
        **{"store": dynamodb_store(), "live": None, "tags": TAGS, "plan_id": PLAN_ID, "drill": False, **changes}
    )


def existing() -> Any:
    return dynamodb_store(source="existing", arn=f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/theirs")


# ---------------------------------------------------------------------- what is wanted
def test_a_managed_table_is_as_the_strategy_says() -> None:
    settings = wanted()
    assert {key: value for key, value in settings.items() if key != "cannot"} == {
        "point_in_time_days": DAYS,
        "time_to_live": "ttl",
        "deletion_protection": True,
        "billing": ON_DEMAND,
        "encryption": {"key": None},
        "stream": None,
        "table_class": "STANDARD",
        "scaling": [],
        "contributor_insights": False,
        "resource_policy": None,
        "tags": {**TAGS, naming.PLAN_TAG: PLAN_ID},
        "differs": [],
    }
    assert "stream" in [each["what"] for each in settings["cannot"]]  # nobody knows of a table that is gone


def test_where_the_old_table_drifted_the_strategy_wins_and_the_plan_shows_it() -> None:
    settings = wanted(live=live(point_in_time=backups(None), table=table(DeletionProtectionEnabled=False)))
    assert (settings["point_in_time_days"], settings["deletion_protection"]) == (DAYS, True)
    assert settings["differs"] == [
        {"what": "point_in_time_days", "wanted": DAYS, "found": None},
        {"what": "deletion_protection", "wanted": True, "found": False},
    ]


def test_what_the_strategy_does_not_say_is_as_in_the_old_table() -> None:
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    infrequent = {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    old = live(table=table(StreamSpecification=stream, TableClassSummary=infrequent), contributor_insights="ENABLED")
    settings = wanted(live=old)
    assert (settings["stream"], settings["table_class"]) == ("NEW_IMAGE", "STANDARD_INFREQUENT_ACCESS")
    assert settings["contributor_insights"] is True
    assert [each["what"] for each in settings["cannot"]] == ["consumers of the stream"]  # by ARN, and it is another stream


def test_an_existing_table_is_as_it_is() -> None:
    provisioned = table(BillingModeSummary={"BillingMode": "PROVISIONED"}, ProvisionedThroughput=CAPACITY)
    old = live(table=provisioned, time_to_live={"TimeToLiveStatus": "DISABLED"}, point_in_time=backups(None))
    settings = wanted(store=existing(), live=old)
    assert settings["billing"] == {
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": CAPACITY,
        "indexes": {"AgentIndex": CAPACITY},
    }
    assert (settings["time_to_live"], settings["point_in_time_days"]) == (None, None)
    assert settings["encryption"] == {"key": KEY}
    assert settings["tags"] == {"owner": "them", naming.PLAN_TAG: PLAN_ID}
    assert settings["differs"] == settings["cannot"] == []


def test_a_drill_is_not_protected_and_says_that_it_is_one() -> None:
    settings = wanted(live=live(), drill=True)
    assert settings["deletion_protection"] is False
    assert settings["tags"][naming.DRILL_TAG] == "true"


def test_what_could_not_be_read_or_must_not_be_doubled_is_listed() -> None:
    stream = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/audit"
    settings = wanted(live=live(contributor_insights=None, kinesis=[stream]), store=dynamodb_store(replica=True))
    assert [each["what"] for each in settings["cannot"]] == [
        "replica in the other region",
        "contributor insights",
        f"Kinesis destination {stream}",
    ]


# ---------------------------------------------------------------------- reading the old table
def test_an_old_table_is_read_with_its_scaling() -> None:
    stubs = Stubs("dynamodb", "application-autoscaling")
    stub, scaling = stubs.of["dynamodb"], stubs.of["application-autoscaling"]
    shown = table("old", BillingModeSummary={"BillingMode": "PROVISIONED"}, ProvisionedThroughput=CAPACITY)
    stub.add_response("describe_table", {"Table": shown}, {"TableName": "old"})
    stub.add_response("describe_continuous_backups", {"ContinuousBackupsDescription": backups(7)}, {"TableName": "old"})
    stub.add_response("describe_time_to_live", {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}, {"TableName": "old"})
    stub.add_response("list_tags_of_resource", {"Tags": [{"Key": "owner", "Value": "them"}]}, {"ResourceArn": ARN})
    found = {"ServiceNamespace": "dynamodb", "ResourceId": "table/old/index/AgentIndex", "RoleARN": "r", "CreationTime": 0}
    limits = {key: value for key, value in SCALING.items() if key != "on"}
    resources = ["table/old", "table/old/index/AgentIndex"]
    scaling.add_response(
        "describe_scalable_targets",
        {"ScalableTargets": [{**found, **limits}]},
        {"ServiceNamespace": "dynamodb", "ResourceIds": resources},
    )
    policy = {**found, **POLICY, "PolicyARN": "p", "ScalableDimension": SCALING["ScalableDimension"]}
    del policy["RoleARN"]
    asked = {key: policy[key] for key in ("ServiceNamespace", "ResourceId", "ScalableDimension")}
    scaling.add_response("describe_scaling_policies", {"ScalingPolicies": [policy]}, asked)
    stub.add_client_error("describe_contributor_insights", "AccessDeniedException", "no", 400)
    stub.add_response("describe_kinesis_streaming_destination", {"KinesisDataStreamDestinations": []}, {"TableName": "old"})
    with stubs.expected():
        read = live_table(stubs.clients["dynamodb"], stubs.clients["application-autoscaling"], "old")
    assert read is not None
    assert read["scaling"] == [{**SCALING, "policies": [POLICY]}]
    assert (read["tags"], read["contributor_insights"], read["kinesis"]) == ({"owner": "them"}, None, [])


def test_an_old_table_that_is_gone_is_none() -> None:
    stubs = Stubs("dynamodb", "application-autoscaling")
    stubs.of["dynamodb"].add_client_error("describe_table", "ResourceNotFoundException", "", 400)
    with stubs.expected():
        assert live_table(stubs.clients["dynamodb"], stubs.clients["application-autoscaling"], "old") is None


# ---------------------------------------------------------------------- putting back
class Table(Stubs):
    """A restored table as it is found; each change is expected where the call belongs."""

    def __init__(self, found: dict[str, Any] | None = None, settings: dict[str, Any] | None = None) -> None:
        super().__init__("dynamodb", "application-autoscaling")
        self.stub = self.of["dynamodb"]
        self.settings = settings or wanted()
        self.stub.add_response("describe_table", {"Table": found or table()}, {"TableName": TARGET})

    def tags(self, tags: dict[str, str] | None = None) -> Table:
        shown = [{"Key": key, "Value": value} for key, value in (self.settings["tags"] if tags is None else tags).items()]
        self.stub.add_response("list_tags_of_resource", {"Tags": shown}, {"ResourceArn": ARN})
        return self

    def history(self, days: int | None = DAYS) -> Table:
        self.stub.add_response(
            "describe_continuous_backups", {"ContinuousBackupsDescription": backups(days)}, {"TableName": TARGET}
        )
        return self

    def expiry(self, status: str = "ENABLED", attribute: str = "ttl") -> Table:
        shown = {"TimeToLiveStatus": status, **({"AttributeName": attribute} if status != "DISABLED" else {})}
        self.stub.add_response("describe_time_to_live", {"TimeToLiveDescription": shown}, {"TableName": TARGET})
        return self

    def changes(self, operation: str, code: str | None = None, message: str = "no", **parameters: Any) -> Table:
        asked = parameters if operation == "tag_resource" else {"TableName": TARGET, **parameters}
        if code:
            self.stub.add_client_error(operation, code, message, 400, expected_params=asked)
        else:
            self.stub.add_response(operation, {}, asked)
        return self

    def put(self) -> dict[str, Any]:
        sent = json.loads(json.dumps(self.settings))  # as it arrives through the workflow
        with self.expected():
            return put(
                self.clients["dynamodb"],
                lambda: self.clients["application-autoscaling"],
                plan(Route.DYNAMODB_TO_A_MOMENT, sent),
            ).to_json()


HISTORY: dict[str, Any] = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": DAYS}}
EXPIRY: dict[str, Any] = {"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "ttl"}}


def names(answer: dict[str, Any], part: str = "put_back") -> list[str]:
    return [each["what"] for each in answer[part]]


def test_nothing_is_called_when_all_is_right() -> None:
    answer = Table(settings=wanted(live=live())).tags().history().expiry().put()
    assert (answer["settled"], answer["waiting_for"], answer["put_back"], answer["not_put_back"]) == (True, "", [], [])
    assert names(answer, "state") == [
        "tags",
        "point_in_time_days",
        "time_to_live",
        "deletion_protection",
        "encryption",
        "billing",
        "stream",
        "table_class",
    ]
    assert all(each["equal"] for each in answer["state"])


@pytest.mark.proves("restore.settings")
def test_what_a_restore_loses_is_put_back_and_believed_only_when_it_shows() -> None:
    restored = Table(table(DeletionProtectionEnabled=False)).tags({})
    tags = [{"Key": key, "Value": value} for key, value in wanted()["tags"].items()]
    restored.changes("tag_resource", ResourceArn=ARN, Tags=tags)
    restored.history(None).changes("update_continuous_backups", **HISTORY)
    restored.expiry("DISABLED").changes("update_time_to_live", **EXPIRY)
    restored.changes("update_table", DeletionProtectionEnabled=True)
    answer = restored.put()
    assert names(answer) == ["tags", "point_in_time_days", "time_to_live", "deletion_protection"]
    assert answer["put_back"][1] == {"what": "point_in_time_days", "wanted": DAYS, "found": None}
    assert answer["settled"] is False


def test_a_shorter_history_than_promised_is_lengthened() -> None:
    answer = Table().tags().history(DAYS - 1).changes("update_continuous_backups", **HISTORY).expiry().put()
    assert answer["put_back"] == [{"what": "point_in_time_days", "wanted": DAYS, "found": DAYS - 1}]


@pytest.mark.parametrize(
    ("what", "found", "value", "parameters"),
    [
        (
            "encryption",
            {"SSEDescription": {"Status": "DISABLED"}},
            {"key": None},
            {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}},
        ),
        (
            "encryption",
            {"SSEDescription": {"Status": "ENABLED", "KMSMasterKeyArn": KEY + "b"}},
            {"key": KEY},
            {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}},
        ),
        (
            "billing",
            {"BillingModeSummary": {"BillingMode": "PROVISIONED"}, "ProvisionedThroughput": CAPACITY},
            ON_DEMAND,
            ON_DEMAND,
        ),
        (
            "billing",
            {},
            {"BillingMode": "PROVISIONED", "ProvisionedThroughput": CAPACITY, "indexes": {"AgentIndex": CAPACITY}},
            {
                "BillingMode": "PROVISIONED",
                "ProvisionedThroughput": CAPACITY,
                "GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "AgentIndex", "ProvisionedThroughput": CAPACITY}}],
            },
        ),
        ("stream", {}, "NEW_IMAGE", {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}),
        ("table_class", {}, "STANDARD_INFREQUENT_ACCESS", {"TableClass": "STANDARD_INFREQUENT_ACCESS"}),
    ],
)
def test_a_property_of_the_table_is_put_back(what: str, found: dict[str, Any], value: Any, parameters: dict[str, Any]) -> None:
    restored = Table(table(**found), wanted() | {what: value}).tags().history().expiry().changes("update_table", **parameters)
    assert names(restored.put()) == [what]


def test_a_table_takes_one_change_of_its_properties_at_a_time() -> None:
    settings = wanted() | {"stream": "NEW_IMAGE", "table_class": "STANDARD_INFREQUENT_ACCESS"}
    restored = Table(table(DeletionProtectionEnabled=False), settings).tags().history().expiry()
    answer = restored.changes("update_table", DeletionProtectionEnabled=True).put()
    assert names(answer) == ["deletion_protection"]  # what protects comes first, the others at the next looks
    assert answer["settled"] is False


@pytest.mark.parametrize(
    ("found", "waiting_for"),
    [
        ({"TableStatus": "UPDATING", "DeletionProtectionEnabled": False}, f"{TARGET} is UPDATING"),
        ({"GlobalSecondaryIndexes": [{"IndexName": "AgentIndex", "IndexStatus": "CREATING"}]}, "index AgentIndex is CREATING"),
        ({"SSEDescription": {"Status": "UPDATING"}}, "encryption is UPDATING"),
    ],
)
def test_a_table_that_takes_no_change_is_waited_for(found: dict[str, Any], waiting_for: str) -> None:
    answer = Table(table(**found)).put()
    assert (answer["settled"], answer["waiting_for"]) == (False, waiting_for)


def test_a_time_to_live_on_its_way_is_waited_for() -> None:
    answer = Table().tags().history().expiry("ENABLING").put()
    assert (answer["settled"], answer["waiting_for"]) == (False, "time to live is ENABLING")


def test_another_time_to_live_is_switched_off_first() -> None:
    off: dict[str, Any] = {"TimeToLiveSpecification": {"Enabled": False, "AttributeName": "other"}}
    restored = Table().tags().history().expiry(attribute="other").changes("update_time_to_live", **off)
    assert restored.put()["settled"] is False


def test_a_time_to_live_that_was_changed_within_the_hour_is_waited_for() -> None:
    too_soon = "Time to live has been modified multiple times within a fixed interval"
    restored = Table().tags().history().expiry("DISABLED")
    answer = restored.changes("update_time_to_live", "ValidationException", too_soon, **EXPIRY).put()
    assert answer["settled"] is False
    assert "fixed interval" in answer["waiting_for"]
    assert "time_to_live" not in names(answer, "not_put_back")


def test_history_that_a_new_table_cannot_have_yet_is_waited_for() -> None:
    restored = Table().tags().history(None)
    restored.changes("update_continuous_backups", "ContinuousBackupsUnavailableException", "not yet", **HISTORY).expiry()
    answer = restored.put()
    assert (answer["settled"], answer["put_back"]) == (False, [])


def test_a_table_without_history_is_not_used() -> None:
    restored = Table().tags().history(None).changes("update_continuous_backups", "AccessDeniedException", **HISTORY)
    with pytest.raises(SettingsRefused, match=f"{TARGET} must not be used without point_in_time_days"):
        restored.put()


@pytest.mark.parametrize(
    ("found", "parameters"),
    [
        ({"DeletionProtectionEnabled": False}, {"DeletionProtectionEnabled": True}),
        ({"SSEDescription": {"Status": "DISABLED"}}, {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}}),
    ],
)
def test_a_table_without_what_protects_it_is_not_used(found: dict[str, Any], parameters: dict[str, Any]) -> None:
    restored = Table(table(**found)).tags().history().expiry().changes("update_table", "AccessDeniedException", **parameters)
    with pytest.raises(SettingsRefused, match="must not be used"):
        restored.put()


def test_another_refusal_is_listed_and_holds_nothing_up() -> None:
    settings = wanted(live=live()) | {"stream": "NEW_IMAGE", "table_class": "STANDARD_INFREQUENT_ACCESS"}
    restored = Table(settings=settings).tags().history().expiry("DISABLED")
    restored.changes("update_time_to_live", "AccessDeniedException", **EXPIRY)
    stream: dict[str, Any] = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}
    restored.changes("update_table", "ValidationException", **stream)
    restored.changes("update_table", "AccessDeniedException", TableClass="STANDARD_INFREQUENT_ACCESS")
    answer = restored.put()
    assert answer["settled"] is True
    assert answer["not_put_back"] == [
        {"what": "time_to_live", "because": "AccessDeniedException: no"},
        {"what": "stream", "because": "ValidationException: no"},
        {"what": "table_class", "because": "AccessDeniedException: no"},
    ]


def test_throttling_is_no_refusal() -> None:
    restored = Table().tags().history(None).changes("update_continuous_backups", "ThrottlingException", **HISTORY)
    with pytest.raises(ClientError, match="ThrottlingException"):
        restored.put()


def test_a_drill_never_lifts_protection() -> None:
    assert Table(settings=wanted(drill=True)).tags().history().expiry().put()["settled"] is True


def test_insights_are_put_back_where_the_old_table_had_them() -> None:
    restored = Table(settings=wanted() | {"contributor_insights": True}).tags().history().expiry()
    restored.stub.add_response("describe_contributor_insights", INSIGHTS, {"TableName": TARGET})
    assert names(restored.changes("update_contributor_insights", ContributorInsightsAction="ENABLE").put()) == [
        "contributor_insights"
    ]


def _scaled(shown: list[dict[str, Any]]) -> Table:
    provisioned = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": CAPACITY}
    moved = {"ReadCapacityUnits": 50, "WriteCapacityUnits": 5}  # where the load has driven it: not put back
    found = table(BillingModeSummary={"BillingMode": "PROVISIONED"}, ProvisionedThroughput=moved)
    restored = Table(found, wanted() | {"billing": provisioned, "scaling": [{**SCALING, "policies": [POLICY]}]})
    restored.tags().history().expiry()
    targets = {"ServiceNamespace": "dynamodb", "ResourceIds": [f"table/{TARGET}", f"table/{TARGET}/index/AgentIndex"]}
    restored.of["application-autoscaling"].add_response("describe_scalable_targets", {"ScalableTargets": shown}, targets)
    return restored


WHERE = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": f"table/{TARGET}/index/AgentIndex",
    "ScalableDimension": "dynamodb:index:ReadCapacityUnits",
}
LIMITS = {"MinCapacity": 5, "MaxCapacity": 50}


def test_scaling_is_put_back_under_the_new_name() -> None:
    restored = _scaled([])
    restored.of["application-autoscaling"].add_response("register_scalable_target", {}, {**WHERE, **LIMITS})
    restored.of["application-autoscaling"].add_response("put_scaling_policy", {"PolicyARN": "p"}, {**WHERE, **POLICY})
    assert names(restored.put()) == [
        "scaling of dynamodb:index:ReadCapacityUnits/index/AgentIndex",
        "scaling of dynamodb:index:ReadCapacityUnits/index/AgentIndex, policy reads",
    ]


def test_scaling_that_is_there_is_left_alone() -> None:
    restored = _scaled([{**WHERE, **LIMITS, "RoleARN": "r", "CreationTime": 0}])
    policy = {**WHERE, **POLICY, "PolicyARN": "p", "CreationTime": 0}
    restored.of["application-autoscaling"].add_response("describe_scaling_policies", {"ScalingPolicies": [policy]}, WHERE)
    assert restored.put()["settled"] is True


def test_refused_scaling_is_listed() -> None:
    restored = _scaled([])
    restored.of["application-autoscaling"].add_client_error("register_scalable_target", "AccessDeniedException", "no", 400)
    answer = restored.put()
    assert answer["settled"] is True
    assert names(answer, "not_put_back")[-1] == "scaling of dynamodb:index:ReadCapacityUnits/index/AgentIndex"


@pytest.mark.parametrize("status", [word for word, state in TABLE.items() if state.stuck])
def test_a_table_that_will_not_come_back_is_said_so_at_once(status: str) -> None:
    with pytest.raises(SettingsRefused, match=f"{TARGET} is {status}: {re.escape(TABLE[status].then)}"):
        Table(table(TableStatus=status)).put()


@pytest.mark.parametrize("status", ["LEVITATING", *of_course("dynamodb", Course.PASSES)])
def test_a_table_that_is_busy_is_waited_for(status: str) -> None:
    assert Table(table(TableStatus=status)).put()["waiting_for"] == said("dynamodb", TARGET, status)
