"""What a request does not say is found in the embedded AWS itself."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from aws_rehearsal import Cloud
from aws_rehearsal.cloud import ACCOUNT
from aws_rehearsal.iam.backend_lookup import BackendLookup
from aws_rehearsal.iam.lookup import Lookup
from aws_rehearsal.iam.needs import needs
from aws_support.deployments import deploy_text

REGION = "ap-southeast-1"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture
def lookup(cloud: Cloud) -> Lookup:
    return BackendLookup(ACCOUNT, cloud.services)


@pytest.fixture
def key(cloud: Cloud) -> str:
    kms = cloud.client("kms", REGION)
    arn: str = kms.create_key(Tags=[{"TagKey": "owner", "TagValue": "bank"}])["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/bank", TargetKeyId=arn)
    return arn


def test_keys_by_every_name(cloud: Cloud, lookup: Lookup, key: str) -> None:
    for name in (key, key.rsplit("/", 1)[1], "alias/bank", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/bank"):
        assert lookup.arn("kms", name, REGION) == key
    assert lookup.arn("kms", "alias/other", REGION) == ""
    assert lookup.arn("kms", "alias/aws/ebs", REGION) == ""
    assert not [each for each in cloud.client("kms", REGION).list_keys()["Keys"] if each["KeyArn"] != key], "asking made a key"
    assert lookup.tags(key) == {"owner": "bank"}
    facts = lookup.facts(key)
    assert (facts["spec"], facts["usage"], facts["manager"]) == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "CUSTOMER")
    assert facts["aliases"] == "alias/bank"
    blob = cloud.client("kms", REGION).encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert lookup.arn("kms-ciphertext", base64.b64encode(blob).decode(), REGION) == key


def test_the_key_of_a_bucket_and_of_its_objects(cloud: Cloud, lookup: Lookup, key: str) -> None:
    s3 = cloud.client("s3", REGION)
    for bucket in ("lookup-plain", "lookup-locked"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="lookup-locked", Key="before", Body=b"x")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket="lookup-locked", ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_object(Bucket="lookup-locked", Key="after", Body=b"{}", Tagging="class=secret")
    assert lookup.key("arn:aws:s3:::lookup-plain") == ""
    assert lookup.key("arn:aws:s3:::lookup-locked") == key
    assert lookup.key("arn:aws:s3:::lookup-locked/after") == key
    assert lookup.key("arn:aws:s3:::lookup-locked/to-come") == key
    assert lookup.facts("arn:aws:s3:::lookup-locked")["bucket-key"] == "true"
    assert lookup.facts("arn:aws:s3:::lookup-locked/after") == {"text": "{}"}
    assert lookup.tags("arn:aws:s3:::lookup-locked/after") == {"class": "secret"}
    found = needs("s3", "GetObject", {"Bucket": "lookup-locked", "Key": "after"}, region=REGION, account=ACCOUNT, lookup=lookup)
    assert [need.action for need in found] == ["s3:GetObject", "kms:Decrypt"]
    assert found[0].context["s3:existingobjecttag/class"] == ("secret",)


def test_the_keys_of_topics_queues_secrets_tables_parameters_and_vaults(cloud: Cloud, lookup: Lookup, key: str) -> None:
    topic = cloud.client("sns", REGION).create_topic(Name="alerts", Attributes={"KmsMasterKeyId": "alias/bank"})["TopicArn"]
    secret = cloud.client("secretsmanager", REGION).create_secret(Name="bank/x", SecretString="x", KmsKeyId=key)["ARN"]
    table = make_table(cloud, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    cloud.client("ssm", REGION).put_parameter(Name="/bank/x", Value="x", Type="SecureString", KeyId=key)
    vault = cloud.client("backup", REGION).create_backup_vault(BackupVaultName="keyed", EncryptionKeyArn=key)["BackupVaultArn"]
    cloud.client("sqs", REGION).create_queue(QueueName="dead", Attributes={"KmsMasterKeyId": "alias/bank"})
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
    for arn in (topic, secret, table, f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/bank/x", vault, queue):
        assert lookup.key(arn) == key, arn
    assert lookup.arn("secret", "bank/x", REGION) == secret


def test_a_key_that_aws_manages_needs_nothing_of_the_caller(cloud: Cloud, lookup: Lookup) -> None:
    secret = cloud.client("secretsmanager", REGION).create_secret(Name="plain", SecretString="x")["ARN"]
    vault = cloud.client("backup", REGION).create_backup_vault(BackupVaultName="plain")["BackupVaultArn"]
    table = make_table(cloud)
    assert [lookup.key(arn) for arn in (secret, vault, table)] == ["", "", ""]


def test_tags_of_every_service(cloud: Cloud, lookup: Lookup) -> None:
    pair = [{"Key": "owner", "Value": "bank"}]
    topic = cloud.client("sns", REGION).create_topic(Name="tagged", Tags=pair)["TopicArn"]
    table = make_table(cloud, Tags=pair)
    secret = cloud.client("secretsmanager", REGION).create_secret(Name="tagged", SecretString="x", Tags=pair)["ARN"]
    vault = cloud.client("backup", REGION).create_backup_vault(BackupVaultName="tagged", BackupVaultTags={"owner": "bank"})[
        "BackupVaultArn"
    ]
    specification = [{"ResourceType": "vpc", "Tags": pair}]
    vpc = cloud.client("ec2", REGION).create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=specification)["Vpc"]["VpcId"]
    rule = cloud.client("events", REGION).put_rule(Name="r", ScheduleExpression="rate(1 day)", Tags=pair)["RuleArn"]
    cloud.client("ssm", REGION).put_parameter(Name="/tagged/x", Value="x", Type="String", Tags=pair)
    role = cloud.client("iam", REGION).create_role(Path="/bank/", RoleName="tagged", AssumeRolePolicyDocument=TRUST, Tags=pair)
    group = cloud.client("rds", REGION).create_db_parameter_group(
        DBParameterGroupName="tagged", DBParameterGroupFamily="mysql8.0", Description="x", Tags=pair
    )["DBParameterGroup"]["DBParameterGroupArn"]
    for arn in (
        topic,
        table,
        secret,
        vault,
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/{vpc}",
        rule,
        f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/tagged/x",
        role["Role"]["Arn"],
        group,
    ):
        assert lookup.tags(arn) == {"owner": "bank"}, arn
    assert lookup.arn("role", "tagged", "") == role["Role"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/bank/tagged"
    cloud.client("iam", REGION).delete_role(RoleName="tagged")


def test_the_key_of_a_table_and_the_network_of_a_subnet(cloud: Cloud, lookup: Lookup) -> None:
    table = make_table(cloud)
    assert lookup.facts(table) == {"partition-key": "client"}
    ec2 = cloud.client("ec2", REGION)
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.0.0/24")["Subnet"]["SubnetId"]
    assert lookup.facts(f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{subnet}") == {"vpc": vpc}


def test_a_stack_knows_its_template_and_its_parameters(cloud: Cloud, lookup: Lookup) -> None:
    cloud.client("ssm", REGION).put_parameter(Name="/image", Value="1", Type="String")
    template = {
        "Parameters": {"Image": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/image"}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "of-a-stack"}}},
    }
    stack = deploy_text(cloud, "lookup", json.dumps(template))
    assert lookup.arn("stack", "lookup", REGION) == stack["StackId"]
    assert lookup.facts(stack["StackId"])["parameter/Image"] == "/image"
    update = {"StackName": "lookup", "UsePreviousTemplate": True}
    found = needs("cloudformation", "UpdateStack", update, region=REGION, account=ACCOUNT, lookup=lookup)
    assert found[0].resources == (stack["StackId"],)
    assert (found[1].action, found[1].resources) == ("ssm:GetParameters", (f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/image",))


def test_a_restore_uses_the_snapshots_own_key(cloud: Cloud, lookup: Lookup, key: str) -> None:
    """The instance's settings are the snapshot's, whether it is still there or not."""
    from aws_support.rds import create, snapshot_ready

    create(cloud, "keyed", StorageEncrypted=True, KmsKeyId=key, Tags=[{"Key": "drill", "Value": "7"}])
    rds = cloud.client("rds", REGION)
    rds.create_db_snapshot(DBInstanceIdentifier="keyed", DBSnapshotIdentifier="keyed-now")
    snapshot = snapshot_ready(cloud, REGION, "keyed-now")["DBSnapshotArn"]
    instance = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:keyed"
    assert lookup.key(instance) == lookup.key(snapshot) == key
    assert lookup.tags(instance) == {"drill": "7"}
    assert facts(lookup, instance) == {"engine": "mysql", "engine-version": "8.0.43", "class": "db.t4g.small", "vpc": "true"}
    assert lookup.facts(snapshot)["engine-version"] == "8.0.43"
    restore = {"DBInstanceIdentifier": "new", "DBSnapshotIdentifier": "keyed-now"}
    found = needs("rds", "RestoreDBInstanceFromDBSnapshot", restore, region=REGION, account=ACCOUNT, lookup=lookup)
    assert ("kms:CreateGrant", (key,)) in [(need.action, need.resources) for need in found]
    assert f"arn:aws:rds:{REGION}:{ACCOUNT}:og:default:mysql-8-0" in [arn for need in found for arn in need.resources]


def test_what_is_not_there_is_nothing(lookup: Lookup) -> None:
    for arn in (
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/gone",
        f"arn:aws:rds:{REGION}:{ACCOUNT}:db:gone",
        "arn:aws:s3:::gone/x",
        f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:gone-AbCdEf",
        f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:gone",
        f"arn:aws:chime:{REGION}:{ACCOUNT}:moon/1",
        f"arn:aws:dynamodb:{REGION}:999999999999:table/theirs",
        "nonsense",
    ):
        assert (lookup.tags(arn), lookup.key(arn), lookup.facts(arn)) == ({}, "", {}), arn
    for kind in (
        "kms",
        "kms-ciphertext",
        "secret",
        "role",
        "instance-profile-role",
        "stack",
        "environment",
        "restore-testing-plan",
    ):
        assert lookup.arn(kind, "gone", REGION) == "", kind


def facts(lookup: Lookup, arn: str) -> Mapping[str, str]:
    asked = ("engine", "engine-version", "class", "vpc")
    return {name: value for name, value in lookup.facts(arn).items() if name in asked}


def make_table(cloud: Cloud, **settings: Any) -> str:
    name = f"t{len(cloud.client('dynamodb', REGION).list_tables()['TableNames'])}-lookup"
    made = cloud.client("dynamodb", REGION).create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "client", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "client", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        **settings,
    )
    arn: str = made["TableDescription"]["TableArn"]
    return arn
