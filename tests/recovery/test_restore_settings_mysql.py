"""MySQL's settings after a restore: what is wanted, what is put back, what is waited for, and what stops the restore."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import RESTORE_METADATA
from recovery.restore.settings.answer import SettingsRefused
from recovery.restore.settings.instance import AFTER, AT_RESTORE
from recovery.restore.settings.mysql import metadata, wanted_mysql
from recovery.restore.settings.put_mysql import put
from strategy.catalogue import names
from strategy.catalogue.routes import Route
from strategy.catalogue.store_states import INSTANCE, Course, of_course, said
from tests.settings_plans import ACCOUNT, PLAN_ID, PREFIX, REGION, Stubs, mysql_store, plan

NETWORK = {"database-security-group": "sg-0000000000000000a"}
TAGS = {"application": "banking-buddy"}
TARGET = plan(Route.MYSQL_TO_A_MOMENT, {}).target.name
BUSY = {"code": "InvalidDBInstanceState", "message": "it is being modified"}
NOT_ALLOWED = {"code": "AccessDenied", "message": "not allowed"}


def instance(**changes: Any) -> dict[str, Any]:
    """A restored instance as DescribeDBInstances shows it, like the strategy says."""
    store = mysql_store()
    return {
        "DBInstanceIdentifier": TARGET,
        "DBInstanceArn": names.store_arn("mysql", REGION, ACCOUNT, TARGET),
        "DBInstanceStatus": "available",
        "DBInstanceClass": store.instance_class,
        "AllocatedStorage": 20,
        "DBSubnetGroup": {"DBSubnetGroupName": names.subnet_group(PREFIX)},
        "DBParameterGroups": [{"DBParameterGroupName": names.parameter_group(PREFIX), "ParameterApplyStatus": "in-sync"}],
        "OptionGroupMemberships": [{"OptionGroupName": "default:mysql-8-0", "Status": "in-sync"}],
        "VpcSecurityGroups": [{"VpcSecurityGroupId": NETWORK["database-security-group"], "Status": "active"}],
        "MultiAZ": store.multi_az,
        "PubliclyAccessible": False,
        "IAMDatabaseAuthenticationEnabled": True,
        "EnabledCloudwatchLogsExports": ["error"],
        "BackupRetentionPeriod": store.point_in_time.days,
        "PreferredBackupWindow": str(store.backup_window),
        "PreferredMaintenanceWindow": str(store.maintenance_window),
        "CopyTagsToSnapshot": True,
        "AutoMinorVersionUpgrade": True,
        "StorageType": "gp3",
        "Iops": 3000,
        "StorageThroughput": 125,
        "StorageEncrypted": True,
        "DeletionProtection": True,
        "MonitoringInterval": 0,
        "PerformanceInsightsEnabled": False,
        "PendingModifiedValues": {},
        "TagList": [{"Key": key, "Value": value} for key, value in {**TAGS, names.PLAN_TAG: PLAN_ID}.items()],
        **changes,
    }


def wanted(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"store": mysql_store(), "prefix": PREFIX, "network": NETWORK, "live": instance(), "point": None}
    return wanted_mysql(**{**given, "tags": TAGS, "plan_id": PLAN_ID, "drill": False, **changes})


def existing(**changes: Any) -> Any:
    return mysql_store(source="existing", arn=f"arn:aws:rds:{REGION}:{ACCOUNT}:db:theirs", **changes)


# ---------------------------------------------------------------------- what is wanted
def test_a_managed_instance_is_as_the_strategy_says() -> None:
    settings = wanted(live=None)
    assert settings["at_restore"] == {
        "DBInstanceClass": "db.t4g.micro",
        "DBSubnetGroupName": "banking-buddy-dev-database",
        "DBParameterGroupName": "banking-buddy-dev-mysql",
        "VpcSecurityGroupIds": ["sg-0000000000000000a"],
        "MultiAZ": True,
        "PubliclyAccessible": False,
        "EnableIAMDatabaseAuthentication": True,
        "EnableCloudwatchLogsExports": ["error"],
        "BackupRetentionPeriod": 7,
        "PreferredBackupWindow": "17:00-17:30",
        "CopyTagsToSnapshot": True,
        "AutoMinorVersionUpgrade": True,
        "StorageType": "gp3",
        "DeletionProtection": True,
    }
    assert settings["after"] == {"PreferredMaintenanceWindow": "sun:19:00-sun:19:30"}
    assert settings["encrypted"] is True
    assert settings["tags"] == {**TAGS, "recovery-plan": PLAN_ID}
    assert settings["differs"] == []
    assert settings["cannot"] == []


def test_where_the_old_instance_drifted_the_strategy_wins_and_the_plan_shows_it() -> None:
    drifted = wanted(live=instance(DBInstanceClass="db.m5.large", VpcSecurityGroups=[]))
    assert drifted["at_restore"] == wanted()["at_restore"]
    assert drifted["differs"] == [
        {"what": "DBInstanceClass", "wanted": "db.t4g.micro", "found": "db.m5.large"},
        {"what": "VpcSecurityGroupIds", "wanted": ["sg-0000000000000000a"], "found": []},
    ]


def test_what_was_set_by_hand_and_the_strategy_does_not_name_is_kept() -> None:
    role = "arn:aws:iam::123456789012:role/monitoring"
    by_hand = {
        "MonitoringInterval": 60,
        "MonitoringRoleArn": role,
        "MaxAllocatedStorage": 100,
        "PerformanceInsightsEnabled": True,
    }
    by_hand |= {"PerformanceInsightsRetentionPeriod": 7}
    assert wanted(live=instance(**by_hand))["after"] == {
        "PreferredMaintenanceWindow": "sun:19:00-sun:19:30",
        "MaxAllocatedStorage": 100,
        "MonitoringInterval": 60,
        "MonitoringRoleArn": role,
        "EnablePerformanceInsights": True,
        "PerformanceInsightsRetentionPeriod": 7,
    }


def test_a_drill_is_not_protected_and_says_that_it_is_one() -> None:
    settings = wanted(drill=True)
    assert (settings["at_restore"]["DeletionProtection"], settings["at_restore"]["MultiAZ"]) == (False, False)
    assert settings["tags"][names.DRILL_TAG] == "true"
    assert settings["differs"] == []  # the old instance is no drill's


def test_an_existing_instance_is_as_it_is_not_as_the_strategy_says() -> None:
    tags = [{"Key": "owner", "Value": "them"}, {"Key": "aws:cloudformation:stack-name", "Value": "x"}]
    tags += [{"Key": names.PLAN_TAG, "Value": "r0000000f"}, {"Key": names.DRILL_TAG, "Value": "true"}]
    live = instance(DBInstanceClass="db.r6g.large", BackupRetentionPeriod=3, IAMDatabaseAuthenticationEnabled=False, TagList=tags)
    settings = wanted(store=existing(), live=live)
    assert settings["at_restore"]["DBInstanceClass"] == "db.r6g.large"
    assert settings["at_restore"]["BackupRetentionPeriod"] == 3
    assert settings["at_restore"]["EnableIAMDatabaseAuthentication"] is False
    assert settings["tags"] == {"owner": "them", "recovery-plan": PLAN_ID}
    assert settings["differs"] == settings["cannot"] == []


def test_an_existing_instance_that_is_gone_is_as_its_recovery_point_says_and_the_rest_is_listed() -> None:
    point = {"dbinstanceclass": "db.r6g.large", "VpcSecurityGroupIds": '["sg-b", "sg-a"]', "MultiAZ": "false", "Port": "3306"}
    point |= {"DBParameterGroupName": "theirs", "OptionGroupName": "default:mysql-8-0", "Iops": "3000", "StorageType": "gp3"}
    settings = wanted(store=existing(), live=None, point=point)
    at_restore = settings["at_restore"]
    assert at_restore["DBInstanceClass"] == "db.r6g.large"
    assert at_restore["VpcSecurityGroupIds"] == ["sg-a", "sg-b"]
    assert at_restore["MultiAZ"] is False
    assert at_restore["DBParameterGroupName"] == "theirs"
    assert at_restore["BackupRetentionPeriod"] == 7  # the strategy's promise
    assert not {"Iops", "OptionGroupName", "Port"} & at_restore.keys()
    assert [each["what"] for each in settings["cannot"]] == [
        "DBSubnetGroupName",
        "EnableIAMDatabaseAuthentication",
        "EnableCloudwatchLogsExports",
        "AutoMinorVersionUpgrade",
        "storage autoscaling",
        "enhanced monitoring",
        "Performance Insights",
    ]


@pytest.mark.parametrize(
    ("storage", "told"),
    [
        ({"StorageType": "gp3", "Iops": 3000, "StorageThroughput": 125}, {}),  # fixed below 400 GiB: RDS refuses to be told
        ({"StorageType": "gp3", "Iops": 12000, "StorageThroughput": 500}, {"Iops": 12000, "StorageThroughput": 500}),
        ({"StorageType": "io1", "Iops": 2000, "StorageThroughput": 0}, {"Iops": 2000}),
    ],
)
def test_only_a_volume_that_takes_them_is_told_its_iops(storage: dict[str, Any], told: dict[str, Any]) -> None:
    at_restore = wanted(store=existing(), live=instance(**storage))["at_restore"]
    assert {key: value for key, value in at_restore.items() if key in {"Iops", "StorageThroughput"}} == told


def test_what_the_old_instance_had_beside_itself_comes_with_adoption() -> None:
    cannot = wanted(store=mysql_store(replicated_backups=True, read_replica=True))["cannot"]
    assert [each["what"] for each in cannot] == ["backups replicated to the other region", "read replica in the other region"]


@pytest.mark.parametrize("operation", ["RestoreDBInstanceToPointInTime", "RestoreDBInstanceFromDBSnapshot", "ModifyDBInstance"])
def test_aws_knows_every_parameter(operation: str) -> None:
    shape = botocore.session.get_session().get_service_model("rds").operation_model(operation).input_shape
    assert shape is not None
    asked = {*AFTER, *AT_RESTORE} - {"EnableCloudwatchLogsExports"} if operation == "ModifyDBInstance" else set(AT_RESTORE)
    assert asked <= shape.members.keys()


def test_restore_metadata_is_text_in_which_lists_and_flags_are_json() -> None:
    at_restore = {"MultiAZ": True, "Iops": 12000, "VpcSecurityGroupIds": ["sg-a"], "StorageType": "gp3"}
    texts = metadata(at_restore, TARGET)
    assert texts == {
        "MultiAZ": "true",
        "Iops": "12000",
        "VpcSecurityGroupIds": '["sg-a"]',
        "StorageType": "gp3",
        "DBInstanceIdentifier": TARGET,
    }


def test_aws_backup_is_told_only_what_it_documents_and_the_rest_is_put_back_afterwards() -> None:
    texts = metadata(dict.fromkeys(AT_RESTORE, "any"), TARGET)
    assert {key.lower() for key in texts} <= RESTORE_METADATA["RDS"]
    assert {*AT_RESTORE} - texts.keys() == {
        "AutoMinorVersionUpgrade",
        "BackupRetentionPeriod",
        "CopyTagsToSnapshot",
        "NetworkType",
        "PreferredBackupWindow",
        "StorageThroughput",
    }


# ---------------------------------------------------------------------- putting back
class Rds(Stubs):
    def __init__(self, found: dict[str, Any]) -> None:
        super().__init__("rds")
        self.stub = self.of["rds"]
        self.stub.add_response("describe_db_instances", {"DBInstances": [found]}, {"DBInstanceIdentifier": TARGET})

    def modify(self, error: dict[str, str] | None = None, **parameters: Any) -> None:
        asked = {"DBInstanceIdentifier": TARGET, "ApplyImmediately": True, **parameters}
        if error:
            self.stub.add_client_error("modify_db_instance", error["code"], error["message"], 400, expected_params=asked)
        else:
            self.stub.add_response("modify_db_instance", {"DBInstance": {}}, asked)

    def put(self, settings: dict[str, Any] | None = None, *, in_use: bool = False) -> dict[str, Any]:
        sent = json.loads(json.dumps(settings or wanted()))  # as it arrives through the workflow
        with self.expected():
            return put(self.clients["rds"], plan(Route.MYSQL_TO_A_MOMENT, sent), in_use=lambda: in_use).to_json()


def test_nothing_is_called_when_all_is_right() -> None:
    answer = Rds(instance()).put()
    assert (answer["settled"], answer["waiting_for"], answer["put_back"], answer["not_put_back"]) == (True, "", [], [])
    assert len(answer["state"]) == len(AT_RESTORE) - 4 + 2  # none of the optional ones; the maintenance window and the tags
    assert all(each["equal"] for each in answer["state"])


LOST: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "DBInstanceClass": ({"DBInstanceClass": "db.m5.large"}, {"DBInstanceClass": "db.t4g.micro"}),
    "DBSubnetGroupName": (
        {"DBSubnetGroup": {"DBSubnetGroupName": "default"}},
        {"DBSubnetGroupName": "banking-buddy-dev-database"},
    ),
    "DBParameterGroupName": (
        {"DBParameterGroups": [{"DBParameterGroupName": "default.mysql8.0", "ParameterApplyStatus": "in-sync"}]},
        {"DBParameterGroupName": "banking-buddy-dev-mysql"},
    ),
    "VpcSecurityGroupIds": (
        {"VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-default", "Status": "active"}]},
        {"VpcSecurityGroupIds": ["sg-0000000000000000a"]},
    ),
    "MultiAZ": ({"MultiAZ": False}, {"MultiAZ": True}),
    "PubliclyAccessible": ({"PubliclyAccessible": True}, {"PubliclyAccessible": False}),
    "EnableIAMDatabaseAuthentication": (
        {"IAMDatabaseAuthenticationEnabled": False},
        {"EnableIAMDatabaseAuthentication": True},
    ),
    "EnableCloudwatchLogsExports": (
        {"EnabledCloudwatchLogsExports": ["slowquery"]},
        {"CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["error"], "DisableLogTypes": ["slowquery"]}},
    ),
    "BackupRetentionPeriod": ({"BackupRetentionPeriod": 1}, {"BackupRetentionPeriod": 7}),
    "PreferredMaintenanceWindow": (
        {"PreferredMaintenanceWindow": "wed:06:38-wed:07:08"},
        {"PreferredMaintenanceWindow": "sun:19:00-sun:19:30", "PreferredBackupWindow": "17:00-17:30"},
    ),
    "CopyTagsToSnapshot": ({"CopyTagsToSnapshot": False}, {"CopyTagsToSnapshot": True}),
    "AutoMinorVersionUpgrade": ({"AutoMinorVersionUpgrade": False}, {"AutoMinorVersionUpgrade": True}),
    "StorageType": ({"StorageType": "gp2"}, {"StorageType": "gp3"}),
    "DeletionProtection": ({"DeletionProtection": False}, {"DeletionProtection": True}),
}


@pytest.mark.proves("restore.settings")
@pytest.mark.parametrize("what", LOST)
def test_a_lost_setting_is_put_back_and_believed_only_when_it_shows(what: str) -> None:
    lost, parameters = LOST[what]
    rds = Rds(instance(**lost))
    rds.modify(**parameters)
    answer = rds.put()
    assert [each["what"] for each in answer["put_back"]] == [what]
    assert answer["put_back"][0]["wanted"] != answer["put_back"][0]["found"]
    assert answer["settled"] is False


def test_everything_lost_is_put_back_in_one_call() -> None:
    rds = Rds(instance(**{key: value for lost, _ in LOST.values() for key, value in lost.items()}))
    rds.modify(**{key: value for _, parameters in LOST.values() for key, value in parameters.items()})
    assert {each["what"] for each in rds.put()["put_back"]} == LOST.keys()


def test_monitoring_goes_with_its_role() -> None:
    role = "arn:aws:iam::123456789012:role/monitoring"
    rds = Rds(instance())
    rds.modify(MonitoringInterval=60, MonitoringRoleArn=role)
    rds.put(wanted(live=instance(MonitoringInterval=60, MonitoringRoleArn=role)))


def test_the_plan_is_marked_on_what_it_made() -> None:
    rds = Rds(instance(TagList=[{"Key": names.PLAN_TAG, "Value": "r0000000f"}]))  # of the snapshot's own source
    tags = [{"Key": "application", "Value": "banking-buddy"}, {"Key": names.PLAN_TAG, "Value": PLAN_ID}]
    rds.stub.add_response("add_tags_to_resource", {}, {"ResourceName": instance()["DBInstanceArn"], "Tags": tags})
    answer = rds.put()
    assert answer["put_back"][0]["found"] == {names.PLAN_TAG: "r0000000f"}
    assert answer["settled"] is False


@pytest.mark.parametrize(
    ("found", "waiting_for"),
    [
        ({"DBInstanceStatus": "modifying", "MultiAZ": False}, f"{TARGET} is modifying"),
        ({"DBInstanceStatus": "backing-up"}, f"{TARGET} is backing-up"),
        ({"MultiAZ": False, "PendingModifiedValues": {"MultiAZ": True}}, "MultiAZ is pending"),
        ({"PendingModifiedValues": {"IAMDatabaseAuthenticationEnabled": True}}, "EnableIAMDatabaseAuthentication is pending"),
        (
            {"VpcSecurityGroups": [{"VpcSecurityGroupId": NETWORK["database-security-group"], "Status": "adding"}]},
            "security group sg-0000000000000000a is adding",
        ),
        (
            {"DBParameterGroups": [{"DBParameterGroupName": "banking-buddy-dev-mysql", "ParameterApplyStatus": "applying"}]},
            "parameter group banking-buddy-dev-mysql is applying",
        ),
    ],
)
def test_what_is_on_its_way_is_waited_for(found: dict[str, Any], waiting_for: str) -> None:
    answer = Rds(instance(**found)).put()
    assert (answer["settled"], answer["waiting_for"], answer["put_back"]) == (False, waiting_for, [])


def test_somebody_elses_pending_change_is_not_waited_for() -> None:
    assert Rds(instance(PendingModifiedValues={"EngineVersion": "8.0.44"})).put()["settled"] is True


def test_an_instance_that_is_busy_is_changed_later() -> None:
    rds = Rds(instance(MultiAZ=False))
    rds.modify(MultiAZ=True, error=BUSY)
    answer = rds.put()
    assert (answer["settled"], answer["put_back"], answer["not_put_back"]) == (False, [], [])


@pytest.mark.parametrize("what", ["BackupRetentionPeriod", "DeletionProtection", "PubliclyAccessible", "VpcSecurityGroupIds"])
def test_a_store_without_what_protects_it_is_not_used(what: str) -> None:
    lost, parameters = LOST[what]
    rds = Rds(instance(**lost))
    rds.modify(error=NOT_ALLOWED, **parameters)
    with pytest.raises(
        SettingsRefused, match=rf"{TARGET} must not be used without {what}, which AWS refused \(AccessDenied: not"
    ):
        rds.put()


def test_another_refusal_is_listed_and_holds_nothing_up() -> None:
    rds = Rds(instance(MultiAZ=False))
    rds.modify(MultiAZ=True, error=NOT_ALLOWED)
    answer = rds.put()
    assert answer["settled"] is True
    assert answer["not_put_back"] == [{"what": "MultiAZ", "because": "AccessDenied: not allowed"}]
    assert [each for each in answer["state"] if not each["equal"]] == [
        {"what": "MultiAZ", "wanted": True, "found": False, "equal": False}
    ]


def test_one_refusal_does_not_cost_the_other_settings() -> None:
    refused = {"code": "InvalidParameterCombination", "message": "not this class"}
    rds = Rds(instance(DBInstanceClass="db.m5.large", DeletionProtection=False, MultiAZ=False))
    rds.modify(DBInstanceClass="db.t4g.micro", DeletionProtection=True, MultiAZ=True, error=refused)
    rds.modify(DeletionProtection=True)  # what protects comes first; then the instance is being modified
    assert [each["what"] for each in rds.put()["put_back"]] == ["DeletionProtection"]

    rds = Rds(instance(DBInstanceClass="db.m5.large", MultiAZ=False))
    rds.modify(DBInstanceClass="db.t4g.micro", MultiAZ=True, error=refused)
    rds.modify(DBInstanceClass="db.t4g.micro", error=refused)
    rds.modify(MultiAZ=True)
    answer = rds.put()
    assert [each["what"] for each in answer["put_back"]] == ["MultiAZ"]
    assert [each["what"] for each in answer["not_put_back"]] == ["DBInstanceClass"]
    assert answer["settled"] is False


@pytest.mark.parametrize(("code", "status"), [("Throttling", 400), ("InternalFailure", 500), ("DBInstanceNotFound", 404)])
def test_throttling_and_a_lost_instance_are_no_refusals(code: str, status: int) -> None:
    rds = Rds(instance(MultiAZ=False))
    rds.stub.add_client_error("modify_db_instance", code, "", status)
    with pytest.raises(ClientError, match=code):
        rds.put()


PENDING_REBOOT = {
    "DBParameterGroups": [{"DBParameterGroupName": names.parameter_group(PREFIX), "ParameterApplyStatus": "pending-reboot"}]
}


def test_a_fresh_instance_is_rebooted_so_that_its_parameters_rule() -> None:
    rds = Rds(instance(**PENDING_REBOOT))
    rds.stub.add_response("reboot_db_instance", {"DBInstance": {}}, {"DBInstanceIdentifier": TARGET})
    answer = rds.put()
    assert (answer["settled"], answer["waiting_for"]) == (False, "a reboot, by which the parameter group rules")


def test_an_instance_that_the_application_uses_is_not_rebooted() -> None:
    answer = Rds(instance(**PENDING_REBOOT)).put(in_use=True)
    assert answer["settled"] is True
    assert [each["what"] for each in answer["not_put_back"]] == ["DBParameterGroupName"]


def test_a_reboot_waits_until_all_else_is_in_place() -> None:
    rds = Rds(instance(MultiAZ=False, **PENDING_REBOOT))
    rds.modify(MultiAZ=True)
    assert "reboot" not in rds.put()["waiting_for"]


@pytest.mark.parametrize("status", [word for word, state in INSTANCE.items() if state.stuck])
def test_an_instance_that_will_not_come_back_is_said_so_at_once(status: str) -> None:
    with pytest.raises(SettingsRefused, match=f"{TARGET} is {status}: {re.escape(INSTANCE[status].then)}"):
        Rds(instance(DBInstanceStatus=status)).put()


@pytest.mark.parametrize("status", of_course("mysql", Course.OPERATIONAL))
def test_an_instance_is_changed_in_every_state_in_which_it_takes_changes(status: str) -> None:
    rds = Rds(instance(DBInstanceStatus=status, MultiAZ=False))
    rds.modify(MultiAZ=True)
    assert rds.put()["put_back"]


@pytest.mark.parametrize("status", ["levitating", *of_course("mysql", Course.PASSES)])
def test_an_instance_that_is_busy_is_waited_for(status: str) -> None:
    assert Rds(instance(DBInstanceStatus=status)).put()["waiting_for"] == said("mysql", TARGET, status)


def test_an_unencrypted_instance_is_not_used() -> None:
    with pytest.raises(SettingsRefused, match="not encrypted"):
        Rds(instance(StorageEncrypted=False)).put()


def test_a_drill_never_lifts_protection() -> None:
    tags = [*instance()["TagList"], {"Key": names.DRILL_TAG, "Value": "true"}]
    assert Rds(instance(MultiAZ=False, TagList=tags)).put(wanted(drill=True))["settled"] is True


def test_a_setting_that_cannot_be_compared_is_listed() -> None:
    settings = copy.deepcopy(wanted())
    settings["after"]["PromotionTier"] = 1
    assert [each["what"] for each in Rds(instance()).put(settings)["not_put_back"]] == ["PromotionTier"]
