"""A key that is disabled or waits to be deleted fails whatever uses it, in each service by that service's own error."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud
from aws_support.backup_bench import HERE, THERE, back_up, copy, make_table, restore
from aws_support.rds import create, refused, until
from aws_support.roles import may_all

STATES = ("Disabled", "PendingDeletion")
KEYS: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        may_all(cloud, "backup", trusted="backup.amazonaws.com")
        yield cloud


@pytest.fixture
def key(cloud: Cloud) -> str:
    return make_key(cloud)


def make_key(cloud: Cloud, region: str = HERE) -> str:
    return str(cloud.client("kms", region).create_key()["KeyMetadata"]["Arn"])


def lose(cloud: Cloud, key: str, state: str) -> None:
    kms = cloud.client("kms", key.split(":")[3])
    if state == "Disabled":
        kms.disable_key(KeyId=key)
    else:
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)


def find_again(cloud: Cloud, key: str, state: str) -> None:
    kms = cloud.client("kms", key.split(":")[3])
    if state == "PendingDeletion":
        kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)


def pass_time(cloud: Cloud, **time: float) -> None:
    cloud.clock.advance_to(cloud.clock.now() + timedelta(**time))


# ---------------------------------------------------------------------- what is asked and answered at once
def objects(cloud: Cloud, key: str) -> list[Callable[[], Any]]:
    s3 = cloud.client("s3", HERE)
    s3.create_bucket(Bucket="plain", CreateBucketConfiguration={"LocationConstraint": HERE})
    s3.create_bucket(Bucket="sealed", CreateBucketConfiguration={"LocationConstraint": HERE})
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    s3.put_bucket_encryption(
        Bucket="sealed", ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    )
    named = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    s3.put_object(Bucket="plain", Key="one", Body=b"1", **named)
    s3.put_object(Bucket="sealed", Key="one", Body=b"1")
    return [
        lambda: s3.put_object(Bucket="plain", Key="two", Body=b"2", **named),
        lambda: s3.put_object(Bucket="sealed", Key="two", Body=b"2"),
        lambda: s3.get_object(Bucket="plain", Key="one"),
        lambda: s3.get_object(Bucket="sealed", Key="one"),
        lambda: s3.copy_object(Bucket="plain", Key="three", CopySource="sealed/one"),
    ]


def written_secrets(cloud: Cloud, key: str) -> list[Callable[[], Any]]:
    secrets = cloud.client("secretsmanager", HERE)
    secrets.create_secret(Name="one", SecretString="1", KmsKeyId=key)
    return [
        lambda: secrets.create_secret(Name="two", SecretString="2", KmsKeyId=key),
        lambda: secrets.put_secret_value(SecretId="one", SecretString="2"),
        lambda: secrets.update_secret(SecretId="one", SecretString="2"),
    ]


def read_secrets(cloud: Cloud, key: str) -> list[Callable[[], Any]]:
    secrets = cloud.client("secretsmanager", HERE)
    secrets.create_secret(Name="one", SecretString="1", KmsKeyId=key)
    return [lambda: secrets.get_secret_value(SecretId="one")]


def parameters(cloud: Cloud, key: str) -> list[Callable[[], Any]]:
    ssm = cloud.client("ssm", HERE)
    ssm.put_parameter(Name="/a/one", Value="1", Type="SecureString", KeyId=key)
    ssm.put_parameter(Name="/b/plain", Value="1", Type="String")
    return [
        lambda: ssm.put_parameter(Name="/a/two", Value="2", Type="SecureString", KeyId=key),
        lambda: ssm.put_parameter(Name="/a/one", Value="2", Type="SecureString", KeyId=key, Overwrite=True),
        lambda: ssm.get_parameter(Name="/a/one", WithDecryption=True),
        lambda: ssm.get_parameters(Names=["/a/one", "/b/plain"], WithDecryption=True),
        lambda: ssm.get_parameters_by_path(Path="/a", WithDecryption=True),
        lambda: ssm.get_parameter_history(Name="/a/one", WithDecryption=True),
    ]


def topics(cloud: Cloud, key: str) -> list[Callable[[], Any]]:
    sns = cloud.client("sns", HERE)
    topic = sns.create_topic(Name="alerts", Attributes={"KmsMasterKeyId": key})["TopicArn"]
    entries = [{"Id": "1", "Message": "it burns"}]
    return [
        lambda: sns.publish(TopicArn=topic, Message="it burns"),
        lambda: sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries),
    ]


def queues(cloud: Cloud, key: str) -> list[Callable[[], Any]]:
    sqs = cloud.client("sqs", HERE)
    url = sqs.create_queue(QueueName="alerts", Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    return [
        lambda: sqs.send_message(QueueUrl=url, MessageBody="it burns"),
        lambda: sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "it burns"}]),
        lambda: sqs.receive_message(QueueUrl=url),
    ]


def functions(cloud: Cloud, key: str) -> list[Callable[[], Any]]:
    client, iam = cloud.client("lambda", HERE), cloud.client("iam", HERE)
    role = iam.create_role(RoleName="echo", AssumeRolePolicyDocument='{"Statement": []}')["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as file:
        file.writestr("index.py", "def handler(event, context):\n    return event\n")
    client.create_function(
        FunctionName="echo",
        Runtime="python3.11",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": {"SECRET": "1"}},
        KMSKeyArn=key,
    )
    return [lambda: client.invoke(FunctionName="echo", Payload=b"{}")]


def log_groups(cloud: Cloud, key: str) -> list[Callable[[], Any]]:
    logs = cloud.client("logs", HERE)
    return [lambda: logs.create_log_group(logGroupName="/one", kmsKeyId=key)]


def tables(cloud: Cloud, key: str) -> list[Callable[[], Any]]:
    dynamodb = cloud.client("dynamodb", HERE)
    sealed = {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}}
    dynamodb.create_table(TableName="plain", **KEYS)
    return [
        lambda: dynamodb.create_table(TableName="sealed", **KEYS, **sealed),
        lambda: dynamodb.update_table(TableName="plain", **sealed),
    ]


CODES: list[tuple[Callable[[Cloud, str], list[Callable[[], Any]]], str, str]] = [
    (objects, "KMS.DisabledException", "KMS.KMSInvalidStateException"),
    (written_secrets, "EncryptionFailure", "EncryptionFailure"),
    (read_secrets, "DecryptionFailure", "DecryptionFailure"),
    (parameters, "InvalidKeyId", "InvalidKeyId"),
    (topics, "KMSDisabled", "KMSInvalidState"),
    (queues, "KmsDisabled", "KmsInvalidState"),
    (functions, "KMSDisabledException", "KMSInvalidStateException"),
    (log_groups, "InvalidParameterException", "InvalidParameterException"),
    (tables, "ValidationException", "ValidationException"),
]


@pytest.mark.parametrize(("use", "disabled", "pending"), CODES, ids=[use.__name__ for use, _, _ in CODES])
def test_a_service_refuses_what_needs_an_unusable_key_by_its_own_error_and_does_it_again_when_it_works(
    cloud: Cloud, use: Callable[[Cloud, str], list[Callable[[], Any]]], disabled: str, pending: str
) -> None:
    key = make_key(cloud)
    calls = use(cloud, key)
    for state, code in zip(STATES, (disabled, pending), strict=True):
        lose(cloud, key, state)
        for number, call in enumerate(calls):
            with pytest.raises(ClientError) as caught:
                call()
            assert caught.value.response["Error"]["Code"] == code, (number, caught.value)
        find_again(cloud, key, state)
    for call in calls:
        call()


def test_an_alias_is_as_usable_as_its_key(cloud: Cloud, key: str) -> None:
    cloud.client("kms", HERE).create_alias(AliasName="alias/alerts", TargetKeyId=key)
    sns = cloud.client("sns", HERE)
    topic = sns.create_topic(Name="alerts", Attributes={"KmsMasterKeyId": "alias/alerts"})["TopicArn"]
    sns.publish(TopicArn=topic, Message="it burns")
    lose(cloud, key, "Disabled")
    refused("KMSDisabled", sns.publish, TopicArn=topic, Message="it burns")


def test_another_key_is_not_concerned(cloud: Cloud, key: str) -> None:
    others = [call for use, _, _ in CODES if use is not read_secrets for call in use(cloud, make_key(cloud))]
    lose(cloud, key, "Disabled")
    for call in others:
        call()


# ---------------------------------------------------------------------- a table
@pytest.mark.parametrize("state", STATES)
def test_a_table_whose_key_is_lost_is_inaccessible_until_it_is_back(cloud: Cloud, key: str, state: str) -> None:
    dynamodb = cloud.client("dynamodb", HERE)
    sealed = {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}}
    dynamodb.create_table(TableName="sealed", **KEYS, **sealed)
    item = {"id": {"S": "1"}}
    dynamodb.put_item(TableName="sealed", Item=item)
    pass_time(cloud, minutes=1)  # so that it is described
    lose(cloud, key, state)
    described = dynamodb.describe_table(TableName="sealed")["Table"]
    assert described["TableStatus"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    assert described["SSEDescription"]["InaccessibleEncryptionDateTime"]
    for call in (
        lambda: dynamodb.put_item(TableName="sealed", Item=item),
        lambda: dynamodb.get_item(TableName="sealed", Key=item),
        lambda: dynamodb.scan(TableName="sealed"),
        lambda: dynamodb.batch_write_item(RequestItems={"sealed": [{"PutRequest": {"Item": item}}]}),
        lambda: dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "sealed", "Item": item}}]),
    ):
        refused("AccessDeniedException", call)
    pass_time(cloud, days=6)
    find_again(cloud, key, state)
    assert dynamodb.describe_table(TableName="sealed")["Table"]["TableStatus"] == "ACTIVE"
    assert dynamodb.get_item(TableName="sealed", Key=item)["Item"] == item


def test_a_table_whose_key_is_lost_for_a_week_is_archived(cloud: Cloud, key: str) -> None:
    dynamodb = cloud.client("dynamodb", HERE)
    sealed = {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}}
    dynamodb.create_table(TableName="sealed", **KEYS, **sealed)
    lose(cloud, key, "Disabled")
    pass_time(cloud, days=7, seconds=1)
    find_again(cloud, key, "Disabled")
    described = dynamodb.describe_table(TableName="sealed")["Table"]
    assert described["TableStatus"] == "ARCHIVED"
    assert described["ArchivalSummary"]["ArchivalReason"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    refused("ResourceInUseException", dynamodb.get_item, TableName="sealed", Key={"id": {"S": "1"}})


# ---------------------------------------------------------------------- an instance
@pytest.mark.parametrize("state", STATES)
def test_an_instance_whose_key_is_lost_stops_and_starts_again_with_it(cloud: Cloud, key: str, state: str) -> None:
    rds = cloud.client("rds", HERE)
    create(cloud, StorageEncrypted=True, KmsKeyId=key)
    lose(cloud, key, state)
    snapshot = {"DBInstanceIdentifier": "bank", "DBSnapshotIdentifier": "now"}
    refused("KMSKeyNotAccessibleFault", rds.create_db_snapshot, **snapshot)
    pass_time(cloud, hours=1)
    recoverable = "inaccessible-encryption-credentials-recoverable"
    assert rds.describe_db_instances(DBInstanceIdentifier="bank")["DBInstances"][0]["DBInstanceStatus"] == recoverable
    refused("InvalidDBInstanceState", rds.create_db_snapshot, **snapshot)
    refused("KMSKeyNotAccessibleFault", rds.start_db_instance, DBInstanceIdentifier="bank")
    pass_time(cloud, days=6)
    find_again(cloud, key, state)
    rds.start_db_instance(DBInstanceIdentifier="bank")
    until(cloud, HERE, "bank")


def test_an_instance_whose_key_is_lost_for_a_week_does_not_come_back(cloud: Cloud, key: str) -> None:
    rds = cloud.client("rds", HERE)
    create(cloud, StorageEncrypted=True, KmsKeyId=key)
    lose(cloud, key, "Disabled")
    pass_time(cloud, days=7, hours=1)
    find_again(cloud, key, "Disabled")
    (described,) = rds.describe_db_instances(DBInstanceIdentifier="bank")["DBInstances"]
    assert described["DBInstanceStatus"] == "inaccessible-encryption-credentials"
    refused("InvalidDBInstanceState", rds.start_db_instance, DBInstanceIdentifier="bank")


def test_snapshots_are_neither_copied_nor_restored_without_their_key(cloud: Cloud, key: str) -> None:
    rds = cloud.client("rds", HERE)
    create(cloud, StorageEncrypted=True, KmsKeyId=key)
    rds.create_db_snapshot(DBInstanceIdentifier="bank", DBSnapshotIdentifier="now")
    pass_time(cloud, hours=1)
    lose(cloud, key, "Disabled")
    other, unusable = make_key(cloud), make_key(cloud)
    lose(cloud, unusable, "PendingDeletion")
    names = {"SourceDBSnapshotIdentifier": "now", "TargetDBSnapshotIdentifier": "then"}
    refused("KMSKeyNotAccessibleFault", rds.copy_db_snapshot, **names)
    refused("KMSKeyNotAccessibleFault", rds.copy_db_snapshot, **names, KmsKeyId=other)
    again = {"DBInstanceIdentifier": "again", "DBSnapshotIdentifier": "now"}
    refused("KMSKeyNotAccessibleFault", rds.restore_db_instance_from_db_snapshot, **again)
    find_again(cloud, key, "Disabled")
    refused("KMSKeyNotAccessibleFault", rds.copy_db_snapshot, **names, KmsKeyId=unusable)
    rds.copy_db_snapshot(**names, KmsKeyId=other)


# ---------------------------------------------------------------------- AWS Backup
@pytest.mark.parametrize("state", STATES)
def test_a_vault_whose_key_is_lost_takes_no_backup_and_no_copy(cloud: Cloud, state: str) -> None:
    keys = [make_key(cloud), make_key(cloud, THERE)]
    cloud.client("backup", HERE).create_backup_vault(BackupVaultName="vault", EncryptionKeyArn=keys[0])
    cloud.client("backup", THERE).create_backup_vault(BackupVaultName="copies", EncryptionKeyArn=keys[1])
    make_table(cloud, 2)
    point = back_up(cloud)["RecoveryPointArn"]
    for lost in keys:
        lose(cloud, lost, state)
        job = copy(cloud, point)
        assert (job["State"], lost in job["StatusMessage"]) == ("FAILED", True)
        find_again(cloud, lost, state)
    assert copy(cloud, point)["State"] == "COMPLETED"
    lose(cloud, keys[0], state)
    job = back_up(cloud)
    assert (job["State"], keys[0] in job["StatusMessage"]) == ("FAILED", True)


def test_a_table_is_not_restored_under_an_unusable_key(cloud: Cloud, key: str) -> None:
    cloud.client("backup", HERE).create_backup_vault(BackupVaultName="vault", EncryptionKeyArn=make_key(cloud))
    make_table(cloud, 2)
    point = back_up(cloud)["RecoveryPointArn"]
    lose(cloud, key, "Disabled")
    asked = {"targetTableName": "again", "encryptionType": "KMS", "kmsMasterKeyArn": key}
    assert restore(cloud, HERE, point, asked)["Status"] == "FAILED"
    assert "again" not in cloud.client("dynamodb", HERE).list_tables()["TableNames"]


def test_an_instance_is_not_backed_up_without_its_key(cloud: Cloud, key: str) -> None:
    cloud.client("backup", HERE).create_backup_vault(BackupVaultName="vault", EncryptionKeyArn=make_key(cloud))
    database = create(cloud, StorageEncrypted=True, KmsKeyId=key)
    lose(cloud, key, "Disabled")
    assert back_up(cloud, database["DBInstanceArn"])["State"] == "FAILED"
