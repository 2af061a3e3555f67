"""What the recovery region gets besides copies: replicated backups, a replica of the table, a read replica, the shared files."""

from __future__ import annotations

import re
from typing import Any

import pytest

from strategy.catalogue import names as naming
from tests.stacks.assembly import Assembly, Synthesise, text

KEY = "arn:aws:kms:{}:345678901234:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture
def prod(environments: dict[str, Assembly]) -> Assembly:
    return environments["prod"]


@pytest.fixture(scope="module")
def replicated(environments: dict[str, Assembly], synthesise: Synthesise) -> Assembly:
    """Production with a read replica."""
    stores = environments["prod"].strategy.stores
    return synthesise(
        "prod",
        checked=True,
        stores=tuple(each.model_copy(update={"read_replica": True}) if each.kind == "mysql" else each for each in stores),
    )


def only(assembly: Assembly, kind: str, region: str) -> dict[str, Any]:
    ((_, resource),) = (each for each in assembly.resources(kind, region=region) if "-dr-" not in each[0])
    properties: dict[str, Any] = resource["Properties"]
    return properties


@pytest.mark.proves("recovery-region.replicated-backups")
def test_backups_are_replicated_under_the_key_of_the_recovery_region(prod: Assembly, primary: str, recovery: str) -> None:
    instance = only(prod, "AWS::RDS::DBInstance", primary)
    assert instance["AutomaticBackupReplicationRegion"] == recovery
    assert instance["AutomaticBackupReplicationRetentionPeriod"] == 7
    assert instance["AutomaticBackupReplicationKmsKeyId"] == {"Ref": naming.REPLICATED_BACKUPS_KEY}


@pytest.mark.proves("recovery-region.replicated-backups")
def test_the_key_is_a_parameter_without_a_default(prod: Assembly, primary: str, recovery: str) -> None:
    parameter = prod.template("backup", primary)["Parameters"][naming.REPLICATED_BACKUPS_KEY]
    assert "Default" not in parameter
    allowed = re.compile(parameter["AllowedPattern"])
    assert allowed.fullmatch(KEY.format(recovery))
    for refused in (
        KEY.format(primary),
        KEY.format(recovery).replace("key/", "alias/"),
        f"alias/{prod.strategy.prefix}-replicated-backups",
        "",
    ):
        assert not allowed.search(refused), refused


def test_each_region_says_the_key_it_would_receive_under(prod: Assembly, primary: str, recovery: str) -> None:
    """Both, so that a swap makes no key; the primary's own is for failback."""
    for region in (primary, recovery):
        template = prod.template("backup", region)
        said = template["Outputs"][naming.REPLICATED_BACKUPS_KEY]["Value"]["Fn::GetAtt"]
        assert said[1] == "Arn"
        assert template["Resources"][said[0]]["Type"] == "AWS::KMS::Key"
        aliases = [each["Properties"] for each in template["Resources"].values() if each["Type"] == "AWS::KMS::Alias"]
        names = {alias["AliasName"]: alias["TargetKeyId"]["Fn::GetAtt"][0] for alias in aliases}
        assert names[naming.key_alias(prod.strategy.prefix, "replicated-backups")] == said[0]
    assert naming.REPLICATED_BACKUPS_KEY not in prod.template("backup", recovery)["Parameters"]


def test_without_replicated_backups_nothing_is_asked(assembly: Assembly, primary: str) -> None:
    template = assembly.template("backup", primary)
    assert naming.REPLICATED_BACKUPS_KEY not in {*template["Parameters"], *template.get("Outputs", {})}
    assert not [name for name in only(assembly, "AWS::RDS::DBInstance", primary) if name.startswith("AutomaticBackup")]


def test_the_owner_of_an_existing_instance_is_given_the_key_and_asked_nothing(
    prod: Assembly, synthesise: Synthesise, primary: str, recovery: str
) -> None:
    theirs = {"source": "existing", "arn": f"arn:aws:rds:{primary}:{prod.strategy.account}:db:core-banking"}
    existing = synthesise(
        "prod", stores=tuple(each.model_copy(update=theirs) for each in prod.strategy.stores if each.kind == "mysql")
    )
    assert naming.REPLICATED_BACKUPS_KEY not in existing.template("backup", primary)["Parameters"]
    assert naming.REPLICATED_BACKUPS_KEY in existing.template("backup", recovery)["Outputs"]


@pytest.mark.proves("recovery-region.table-replica")
def test_the_replica_of_the_table_is_protected_like_the_table(prod: Assembly, primary: str, recovery: str) -> None:
    replicas = {each["Region"]: each for each in only(prod, "AWS::DynamoDB::GlobalTable", primary)["Replicas"]}
    assert replicas.keys() == {primary, recovery}
    for replica in replicas.values():
        assert replica["DeletionProtectionEnabled"]
        assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35}


@pytest.mark.proves("recovery-region.table-replica")
def test_the_audit_table_is_a_global_table_even_alone(environments: dict[str, Assembly]) -> None:
    """A Table would be replaced on the day it is given a replica."""
    for assembly in environments.values():
        assert [kind["Type"] for _, kind in assembly.resources(kind="backup") if "DynamoDB" in kind["Type"]] == [
            "AWS::DynamoDB::GlobalTable"
        ]


@pytest.mark.proves("recovery-region.read-replica")
def test_a_read_replica_is_a_stack_of_its_own_and_only_on_request(
    prod: Assembly, replicated: Assembly, primary: str, recovery: str
) -> None:
    stack = naming.stack_id(prod.strategy.prefix, "read-replica", recovery)
    assert stack not in prod.templates()
    replica = only(replicated, "AWS::RDS::DBInstance", recovery)
    source = only(replicated, "AWS::RDS::DBInstance", primary)["DBInstanceIdentifier"]
    assert replica["SourceDBInstanceIdentifier"] == f"arn:aws:rds:{primary}:{prod.strategy.account}:db:{source}"
    assert replica["DBInstanceIdentifier"] == f"{source}-replica"  # its own name is left to a restored store
    assert replica["SourceRegion"] == primary
    assert replica["DeletionProtection"]
    assert replica["BackupRetentionPeriod"] == 7
    assert not {"MasterUsername", "MasterUserPassword", "Engine", "AllocatedStorage"} & replica.keys()
    ((where, resource),) = replicated.resources("AWS::RDS::DBInstance", region=recovery)
    assert where.startswith(stack)
    assert {resource["DeletionPolicy"], resource["UpdateReplacePolicy"]} == {"Retain"}


def test_the_read_replica_finds_the_key_of_its_region(replicated: Assembly, recovery: str) -> None:
    template = replicated.template("read-replica", recovery)
    asked = template["Parameters"][only(replicated, "AWS::RDS::DBInstance", recovery)["KmsKeyId"]["Ref"]]["Default"]
    said = [each["Properties"] for _, each in replicated.resources("AWS::SSM::Parameter", region=recovery)]
    assert [text(each["Value"]) for each in said if each["Name"] == asked] == ["<Fn::GetAtt>"]


def test_the_read_replica_passes_the_policy_checks(replicated: Assembly) -> None:
    assert replicated.findings() == []


@pytest.mark.proves("exclusions.shared-data-bucket")
def test_shared_files_are_versioned_and_old_versions_end(environments: dict[str, Assembly]) -> None:
    for assembly in environments.values():
        shared = [bucket for bucket in buckets(assembly).values() if "-shared-" in bucket["BucketName"]]
        assert len(shared) == 2
        for bucket in shared:
            assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
            assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
            assert "BucketEncryption" in bucket
            (rule,) = bucket["LifecycleConfiguration"]["Rules"]
            assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
            assert "ExpirationInDays" not in rule


@pytest.mark.proves("exclusions.shared-data-bucket")
def test_buckets_refuse_what_is_not_tls(assembly: Assembly) -> None:
    for where, bucket in assembly.resources("AWS::S3::Bucket"):
        stack, logical_id = where.split("/")
        (policy,) = [
            each["Properties"]["PolicyDocument"]
            for each in assembly.templates()[stack]["Resources"].values()
            if each["Type"] == "AWS::S3::BucketPolicy" and each["Properties"]["Bucket"] == {"Ref": logical_id}
        ]
        refusing = [each for each in policy["Statement"] if each["Effect"] == "Deny"]
        assert [each["Condition"] for each in refusing] == [{"Bool": {"aws:SecureTransport": "false"}}], bucket


@pytest.mark.proves("exclusions.shared-data-bucket")
@pytest.mark.parametrize(("name", "markers"), [(naming.evidence_bucket, "Disabled"), (naming.shared_data_bucket, "Enabled")])
def test_buckets_are_replicated_to_the_other_region_whichever_role_they_have(
    assembly: Assembly, primary: str, recovery: str, name: Any, markers: str
) -> None:
    """Evidence that is deleted stays; a file that is deleted is deleted for the standby too, its old versions for 30 days."""
    prefix, account, found = assembly.strategy.prefix, assembly.strategy.account, buckets(assembly)
    for region in (primary, recovery):
        condition, wanted, otherwise = found[name(prefix, region, account)]["ReplicationConfiguration"]["Fn::If"]
        (rule,) = wanted["Rules"]
        to = {"Ref": naming.REPLICATES_TO}
        assert rule["Destination"]["Bucket"] == {"Fn::Join": ["", [f"arn:aws:s3:::{name(prefix, '', account)}", to]]}
        assert rule["DeleteMarkerReplication"] == {"Status": markers}
        assert otherwise == {"Ref": "AWS::NoValue"}
        assert found[name(prefix, region, account)]["VersioningConfiguration"] == {"Status": "Enabled"}
        template = assembly.template("backup", region)
        assert template["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [to, ""]}]}


def test_only_the_primary_replicates_before_it_is_told_to(assembly: Assembly, primary: str, recovery: str) -> None:
    """S3 replicates to no bucket that is not there yet, and the recovery region deploys first."""
    for region, to in ((primary, recovery), (recovery, "")):
        assert assembly.template("backup", region)["Parameters"][naming.REPLICATES_TO]["Default"] == to


def buckets(assembly: Assembly) -> dict[str, dict[str, Any]]:
    return {each["Properties"]["BucketName"]: each["Properties"] for _, each in assembly.resources("AWS::S3::Bucket")}
