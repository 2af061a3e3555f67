"""DynamoDB through AWS Backup: what is captured, what a copy is, what a restore brings back, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aws_rehearsal import Cloud
from aws_support.backup_bench import HERE, TABLE_ARN, THERE, back_up, copy, items_of, make_table, make_vaults, restore

METADATA = {"targetTableName": "audit", "encryptionType": "Default"}


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        make_vaults(cloud)
        make_table(cloud)
        yield cloud


@pytest.mark.proves("recovery-region.copy-survival")
def test_a_copy_restores_every_item_after_its_region_is_lost(cloud: Cloud) -> None:
    backup = back_up(cloud)
    before = items_of(cloud, HERE, "audit")
    cloud.client("dynamodb", HERE).put_item(TableName="audit", Item={"client": {"S": "late"}, "at": {"S": "late"}})
    copied = copy(cloud, backup["RecoveryPointArn"])
    cloud.lose_region(HERE)

    job = restore(cloud, THERE, copied["DestinationRecoveryPointArn"], METADATA)

    assert job["Status"] == "COMPLETED"
    assert items_of(cloud, THERE, "audit") == before
    assert sum(cloud.gateway.calls_after_loss.values()) == 0


def test_a_restored_table_has_its_keys_and_indexes_and_nothing_aws_leaves_off(cloud: Cloud) -> None:
    backup = back_up(cloud)
    job = restore(cloud, HERE, backup["RecoveryPointArn"], {"TARGETTABLENAME": "restored"})
    client = cloud.client("dynamodb", HERE)
    source, table = (client.describe_table(TableName=name)["Table"] for name in ("audit", "restored"))

    assert job["CreatedResourceArn"] == table["TableArn"]
    for same in ("KeySchema", "AttributeDefinitions"):
        assert table[same] == source[same]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["AgentIndex"]
    assert "StreamSpecification" not in table
    assert not table["DeletionProtectionEnabled"]
    assert client.describe_time_to_live(TableName="restored")["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED"
    assert client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"] == []
    pitr = client.describe_continuous_backups(TableName="restored")["ContinuousBackupsDescription"]
    assert pitr["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"


def test_a_provisioned_table_comes_back_provisioned(cloud: Cloud) -> None:
    client = cloud.client("dynamodb", HERE)
    throughput = {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}
    client.create_table(
        TableName="slow",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        ProvisionedThroughput=throughput,
    )
    backup = back_up(cloud, TABLE_ARN.replace("audit", "slow"))
    restore(cloud, HERE, backup["RecoveryPointArn"], {"targetTableName": "slow-again"})
    table = client.describe_table(TableName="slow-again")["Table"]
    assert table["ProvisionedThroughput"].items() >= throughput.items()


def test_a_restore_never_touches_a_table_that_is_there(cloud: Cloud) -> None:
    backup = back_up(cloud)
    cloud.client("dynamodb", HERE).put_item(TableName="audit", Item={"client": {"S": "late"}, "at": {"S": "late"}})
    job = restore(cloud, HERE, backup["RecoveryPointArn"], {"targetTableName": "audit"})
    assert (job["Status"], job["StatusMessage"]) == ("FAILED", "Table already exists: audit")
    assert len(items_of(cloud, HERE, "audit")) == 61


def test_a_copy_needs_advanced_features(cloud: Cloud) -> None:
    backup = back_up(cloud)
    cloud.client("backup", THERE).update_region_settings(ResourceTypeManagementPreference={"DynamoDB": False})
    job = copy(cloud, backup["RecoveryPointArn"])
    assert job["State"] == "FAILED"
    assert f"not enabled in {THERE}" in job["StatusMessage"]


def test_a_copy_is_a_file_of_its_own_region_and_keeps_the_age_of_its_data(cloud: Cloud) -> None:
    backup = back_up(cloud, RecoveryPointTags={"made-by": "test"})
    copied = copy(cloud, backup["RecoveryPointArn"])
    points = [
        cloud.client("backup", region).describe_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)
        for region, vault, arn in (
            (HERE, "vault", backup["RecoveryPointArn"]),
            (THERE, "copies", copied["DestinationRecoveryPointArn"]),
        )
    ]
    assert points[0]["CreationDate"] == points[1]["CreationDate"]
    assert points[1]["EncryptionKeyArn"] != points[0]["EncryptionKeyArn"]
    assert len(list(cloud.region_directory(THERE, "backup").iterdir())) == 1
    tags = cloud.client("backup", THERE).list_tags(ResourceArn=copied["DestinationRecoveryPointArn"])["Tags"]
    assert tags == {"owner": "bank", "made-by": "test"}


def test_a_backup_of_a_table_that_is_gone_fails(cloud: Cloud) -> None:
    job = back_up(cloud, TABLE_ARN.replace("audit", "nowhere"))
    assert job["State"] == "FAILED"
    assert "ResourceNotFoundException" in job["StatusMessage"]
