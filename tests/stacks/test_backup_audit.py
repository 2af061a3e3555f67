"""Who watches over the backups: framework, reports, restore tests, trail and recorder, the same in both roles of a region."""

from __future__ import annotations

import json
from typing import Any

import pytest

from strategy.catalogue import names as naming
from strategy.model.strategy import Strategy
from tests.stacks.assembly import Assembly, Synthesise, text


@pytest.fixture(scope="module")
def prod(environments: dict[str, Assembly]) -> Assembly:
    return environments["prod"]


@pytest.fixture
def strategy(prod: Assembly) -> Strategy:
    return prod.strategy


def all_of(assembly: Assembly, kind: str, region: str) -> list[dict[str, Any]]:
    return [resource["Properties"] for _, resource in assembly.resources(kind, region=region)]


def controls(assembly: Assembly, region: str) -> dict[str, dict[str, Any]]:
    (framework,) = all_of(assembly, "AWS::Backup::Framework", region)
    return {each["ControlName"]: each for each in framework["FrameworkControls"]}


def parameters(control: dict[str, Any]) -> dict[str, str]:
    return {each["ParameterName"]: each["ParameterValue"] for each in control.get("ControlInputParameters", [])}


@pytest.mark.proves("compliance.audit-framework")
def test_controls_look_at_every_resource_never_at_the_selection(prod: Assembly, primary: str, recovery: str) -> None:
    """A selection, a tag or a single resource would leave out just what the control should find."""
    for region in (primary, recovery):
        for name, control in controls(prod, region).items():
            scope = control.get("ControlScope", {"ComplianceResourceTypes": ["DynamoDB", "RDS"]})
            assert scope == {"ComplianceResourceTypes": ["DynamoDB", "RDS"]}, name


@pytest.mark.proves("compliance.audit-framework")
def test_what_the_controls_demand_is_what_the_strategy_promises(prod: Assembly, primary: str, recovery: str) -> None:
    demanded = {name: parameters(control) for name, control in controls(prod, primary).items()}
    assert demanded["BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK"] == {
        "requiredFrequencyUnit": "hours",
        "requiredFrequencyValue": "12",
        "requiredRetentionDays": "3",
    }
    assert demanded["BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK"] == {"requiredRetentionDays": "3"}
    assert demanded["BACKUP_LAST_RECOVERY_POINT_CREATED"] == {"recoveryPointAgeUnit": "hours", "recoveryPointAgeValue": "12"}
    assert demanded["BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION"] == {"crossRegionList": recovery}
    assert demanded["BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK"] == {"minRetentionDays": "3", "maxRetentionDays": "35"}
    assert demanded["RESTORE_TIME_FOR_RESOURCES_MEET_TARGET"] == {"maxRestoreTime": "240"}
    assert {"BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN", "BACKUP_RECOVERY_POINT_ENCRYPTED"} <= demanded.keys()


def test_an_accepted_breach_is_not_reported_every_day(environments: dict[str, Assembly], primary: str) -> None:
    """Staging accepts 14 hours, by name and until a date: the guards hold it to that."""
    age = parameters(controls(environments["staging"], primary)["BACKUP_LAST_RECOVERY_POINT_CREATED"])
    assert age["recoveryPointAgeValue"] == "14"


def test_the_deletion_control_knows_the_exceptions_of_the_vaults_policies(prod: Assembly, primary: str, recovery: str) -> None:
    for region in (primary, recovery):
        known = parameters(controls(prod, region)["BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED"])["principalArnList"]
        exempt = {
            principal
            for vault in all_of(prod, "AWS::Backup::BackupVault", region)
            for statement in vault["AccessPolicy"]["Statement"]
            for principal in statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
        }
        assert set(known.split(",")) == exempt


def test_a_lock_that_is_off_is_not_demanded(assembly: Assembly, primary: str) -> None:
    assert "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK" not in controls(assembly, primary)


@pytest.mark.proves("compliance.job-reports")
def test_reports_lie_with_the_evidence(prod: Assembly, strategy: Strategy, primary: str, recovery: str) -> None:
    for region in (primary, recovery):
        reports = {each["ReportSetting"]["ReportTemplate"]: each for each in all_of(prod, "AWS::Backup::ReportPlan", region)}
        assert {"BACKUP_JOB_REPORT", "COPY_JOB_REPORT", "RESTORE_JOB_REPORT", "CONTROL_COMPLIANCE_REPORT"} <= reports.keys()
        for template, report in reports.items():
            bucket = report["ReportDeliveryChannel"]["S3BucketName"]["Ref"]
            resource = prod.template("backup", region)["Resources"][bucket]["Properties"]
            assert resource["BucketName"] == naming.evidence_bucket(strategy.prefix, region, strategy.account)
            assert report["ReportDeliveryChannel"]["S3KeyPrefix"] == naming.REPORTS
            assert ("FrameworkArns" in report["ReportSetting"]) == ("COMPLIANCE" in template)


def test_only_who_writes_into_the_evidence_is_let_in(prod: Assembly, strategy: Strategy, primary: str) -> None:
    """Each service into its own folder, and only on behalf of this account."""
    policies = all_of(prod, "AWS::S3::BucketPolicy", primary)
    writers = {}
    for statement in (each for policy in policies for each in policy["PolicyDocument"]["Statement"]):
        if statement["Action"] == "s3:PutObject":
            writers[next(iter(statement["Principal"].values()))] = (text(statement["Resource"]), statement["Condition"])
    assert writers.keys() == {
        "cloudtrail.amazonaws.com",
        "config.amazonaws.com",
        f"arn:aws:iam::{strategy.account}:role/aws-service-role/reports.backup.amazonaws.com/AWSServiceRoleForBackupReports",
    }
    for principal, (resource, condition) in writers.items():
        assert "/" in resource.removesuffix("/*")
        if principal.endswith("amazonaws.com"):
            assert {"aws:SourceAccount", "aws:SourceArn"} & condition["StringEquals"].keys(), principal


@pytest.mark.proves("verification.restore-test-schedule")
def test_every_store_is_test_restored_in_each_region(prod: Assembly, strategy: Strategy, primary: str, recovery: str) -> None:
    types = {"mysql": "RDS", "dynamodb": "DynamoDB"}
    for region in (primary, recovery):
        ((plan),) = all_of(prod, "AWS::Backup::RestoreTestingPlan", region)
        assert plan["ScheduleExpression"] == strategy.restore_testing.schedule
        recovery_points = plan["RecoveryPointSelection"]
        assert recovery_points["IncludeVaults"] == [
            naming.vault_arn(region, strategy.account, vault(strategy.prefix))
            for vault in (naming.backup_vault, naming.copy_vault)
        ]
        assert recovery_points["SelectionWindowDays"] == strategy.restore_testing.selection_window.days
        selections = all_of(prod, "AWS::Backup::RestoreTestingSelection", region)
        assert {each["ProtectedResourceType"] for each in selections} == {types[store.kind] for store in strategy.stores}
        assert all(each["ProtectedResourceArns"] == ["*"] for each in selections)
        names = [plan["RestoreTestingPlanName"], *(each["RestoreTestingSelectionName"] for each in selections)]
        assert all(name.replace("_", "").isalnum() and len(name) <= 50 for name in names)


@pytest.mark.proves("verification.restore-test-schedule")
def test_a_restore_test_needs_no_default_vpc(prod: Assembly, primary: str, recovery: str) -> None:
    for region in (primary, recovery):
        zone = [each["Properties"] for each in prod.template("standby", region)["Resources"].values()]
        (mysql,) = [
            each["RestoreMetadataOverrides"]
            for each in all_of(prod, "AWS::Backup::RestoreTestingSelection", region)
            if each["ProtectedResourceType"] == "RDS"
        ]
        assert mysql["dbSubnetGroupName"] in [each.get("DBSubnetGroupName") for each in zone]
        assert mysql["dbParameterGroupName"] in [each.get("DBParameterGroupName") for each in zone]
        assert json.loads(text(mysql["vpcSecurityGroupIds"])) == ["<Ref>"]
        assert mysql["enableIamDatabaseAuthentication"] == "true", "the verifier signs in with an IAM token"


def test_restore_tests_take_the_restore_role(prod: Assembly, primary: str, recovery: str) -> None:
    for region in (primary, recovery):
        resources = prod.template("backup", region)["Resources"]
        for selection in all_of(prod, "AWS::Backup::RestoreTestingSelection", region):
            role = resources[selection["IamRoleArn"]["Fn::GetAtt"][0]]["Properties"]
            assert role["RoleName"] == naming.role(prod.strategy.prefix, "restore", region)


@pytest.mark.proves("compliance.trail")
def test_the_trail_sees_every_call_that_changes_something(prod: Assembly, primary: str, recovery: str) -> None:
    for region in (primary, recovery):
        (trail,) = all_of(prod, "AWS::CloudTrail::Trail", region)
        assert trail["IsLogging"]
        assert trail["EnableLogFileValidation"]
        assert not trail["IsMultiRegionTrail"]
        (events,) = trail["EventSelectors"]
        assert events["IncludeManagementEvents"]
        assert events["ReadWriteType"] == "WriteOnly"
        (objects,) = events["DataResources"]
        watched = [text(each) for each in objects["Values"]]
        assert not [each for each in watched if each.endswith((f"/{naming.TRAIL}/", f"/{naming.CONFIGURATION}/"))]
        assert [each for each in watched if each.endswith(f"/{naming.MANIFESTS}/")]


def test_the_recorder_records_what_the_framework_reads(prod: Assembly, primary: str) -> None:
    (recorder,) = all_of(prod, "AWS::Config::ConfigurationRecorder", primary)
    recorded = recorder["RecordingGroup"]["ResourceTypes"]
    kinds = ("BackupPlan", "BackupSelection", "BackupVault", "RecoveryPoint")
    assert {*(f"AWS::Backup::{kind}" for kind in kinds), "AWS::Config::ResourceCompliance"} <= set(recorded)
    template = prod.template("backup", primary)["Resources"]
    assert any(name.startswith("ConfigurationRecorder") for name in template["Framework"]["DependsOn"])


@pytest.mark.proves("compliance.trail")
def test_a_recorder_or_a_trail_that_is_there_is_not_made_again(prod: Assembly, synthesise: Synthesise, primary: str) -> None:
    audit = prod.strategy.audit.model_copy(update={"config_recorder": "existing", "trail": "existing"})
    existing = synthesise("prod", checked=True, audit=audit)
    assert not list(
        existing.resources("AWS::CloudTrail::Trail", "AWS::Config::ConfigurationRecorder", "AWS::Config::DeliveryChannel")
    )
    assert "cloudtrail.amazonaws.com" not in json.dumps(all_of(existing, "AWS::S3::BucketPolicy", primary))
    assert controls(existing, primary) == controls(prod, primary)
    assert existing.findings() == []
