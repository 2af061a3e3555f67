"""CloudFormation of the embedded AWS: the simulated types, the recorded ones, and custom resources."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal.cloud import Cloud
from rehearsal.cloud.cloudformation import custom
from rehearsal.cloud.service import Service

REGION, OTHER = "ap-southeast-1", "ap-southeast-2"
ACCOUNT = "123456789012"
ASSUME = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


class Functions(Service):
    """In place of Lambda: answers a custom resource as `behaviour` says, by PUT to its ResponseURL."""

    name = "lambda"

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.behaviour: dict[str, Any] = {"Status": "SUCCESS"}

    def invoke(self, region: str, *, FunctionName: str, Payload: Any, **_: Any) -> dict[str, Any]:
        event = json.loads(Payload)
        self.events.append({"region": region, "function": FunctionName, **event})
        answer = json.dumps(
            {"PhysicalResourceId": f"made-{event['ResourceProperties'].get('Name', '')}", **self.behaviour}
        ).encode()
        request = urllib.request.Request(event["ResponseURL"], data=answer, method="PUT")  # noqa: S310  # loopback
        with urllib.request.urlopen(request) as response:  # noqa: S310
            assert response.status == 200
        return {"StatusCode": 200, "Payload": b"null"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture
def functions(cloud: Cloud) -> Iterator[Functions]:
    cloud.services["lambda"] = Functions()
    yield cloud.services["lambda"]
    del cloud.services["lambda"]


def deploy(
    cloud: Cloud, name: str, resources: dict[str, Any], outputs: dict[str, Any] | None = None, *, update: bool = False
) -> dict[str, Any]:
    cloudformation = cloud.client("cloudformation", REGION)
    body = json.dumps({"Resources": resources, "Outputs": {key: {"Value": value} for key, value in (outputs or {}).items()}})
    operation = cloudformation.update_stack if update else cloudformation.create_stack
    stack_id = operation(StackName=name, TemplateBody=body)["StackId"]
    return settled(cloud, stack_id)


def settled(cloud: Cloud, stack_id: str) -> dict[str, Any]:
    cloudformation = cloud.client("cloudformation", REGION)
    for _ in range(20):
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
        if stack["StackStatus"].endswith(("_COMPLETE", "_FAILED")):
            found = cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
            stack["Reasons"] = [
                each.get("ResourceStatusReason", "") for each in found if each["ResourceStatus"].endswith("FAILED")
            ]
            stack["Values"] = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
            return stack
    raise AssertionError(f"{stack_id} never settles")


def destroy(cloud: Cloud, stack: dict[str, Any]) -> dict[str, Any]:
    cloud.client("cloudformation", REGION).delete_stack(StackName=stack["StackId"])
    return settled(cloud, stack["StackId"])


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def get(logical_id: str, name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, name]}


def ref(logical_id: str) -> dict[str, str]:
    return {"Ref": logical_id}


NETWORK = {
    "Vpc": resource("EC2::VPC", CidrBlock="10.0.0.0/16", EnableDnsHostnames=True, Tags=[{"Key": "Name", "Value": "net"}]),
    "A": resource("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock={"Fn::Select": [0, {"Fn::Cidr": [get("Vpc", "CidrBlock"), 2, 8]}]},
                  AvailabilityZone={"Fn::Select": [0, {"Fn::GetAZs": ""}]}),
    "B": resource("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.1.0/24", AvailabilityZone={"Fn::Select": [1, {"Fn::GetAZs": ""}]}),
    "Table": resource("EC2::RouteTable", VpcId=ref("Vpc")),
    "Link": resource("EC2::SubnetRouteTableAssociation", RouteTableId=ref("Table"), SubnetId=ref("A")),
    "Gateway": resource("EC2::InternetGateway"),
    "Attached": resource("EC2::VPCGatewayAttachment", VpcId=ref("Vpc"), InternetGatewayId=ref("Gateway")),
    "Address": {**resource("EC2::EIP", Domain="vpc"), "DependsOn": "Attached"},
    "Nat": resource("EC2::NatGateway", SubnetId=ref("A"), AllocationId=get("Address", "AllocationId")),
    "Out": resource("EC2::Route", RouteTableId=ref("Table"), DestinationCidrBlock="0.0.0.0/0", NatGatewayId=ref("Nat")),
    "Group": resource("EC2::SecurityGroup", GroupDescription="database", VpcId=ref("Vpc"),
                      SecurityGroupEgress=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}]),
    "In": resource("EC2::SecurityGroupIngress", GroupId=get("Group", "GroupId"), IpProtocol="tcp", FromPort=3306, ToPort=3306,
                   SourceSecurityGroupId=get("Group", "GroupId")),
    "OutRule": resource("EC2::SecurityGroupEgress", GroupId=get("Group", "GroupId"), IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="10.0.0.0/8"),
    "Endpoint": resource("EC2::VPCEndpoint", VpcId=ref("Vpc"), ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway",
                         RouteTableIds=[ref("Table")]),
    "Logs": resource("Logs::LogGroup", RetentionInDays=7),
    "FlowRole": resource("IAM::Role", AssumeRolePolicyDocument=ASSUME),
    "Flow": resource("EC2::FlowLog", ResourceId=ref("Vpc"), ResourceType="VPC", TrafficType="ALL", LogGroupName=ref("Logs"),
                     DeliverLogsPermissionArn=get("FlowRole", "Arn")),
}  # fmt: skip


def test_a_network_with_its_ways_out_comes_and_goes(cloud: Cloud) -> None:
    stack = deploy(
        cloud,
        "network",
        NETWORK,
        {"Vpc": ref("Vpc"), "Group": get("Group", "GroupId"), "Default": get("Vpc", "DefaultSecurityGroup")},
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Reasons"]
    group = cloud.client("ec2", REGION).describe_security_groups(GroupIds=[stack["Values"]["Group"]])["SecurityGroups"][0]
    assert [each["FromPort"] for each in group["IpPermissions"]] == [3306]
    assert sorted(each["FromPort"] for each in group["IpPermissionsEgress"]) == [80, 443]
    assert destroy(cloud, stack)["StackStatus"] == "DELETE_COMPLETE"
    vpcs = [vpc["VpcId"] for vpc in cloud.client("ec2", REGION).describe_vpcs()["Vpcs"]]
    assert stack["Values"]["Vpc"] not in vpcs


PLATFORM = {
    "Key": resource("KMS::Key", EnableKeyRotation=True, MultiRegion=True, Tags=[{"Key": "a", "Value": "b"}]),
    "Alias": resource("KMS::Alias", AliasName="alias/platform", TargetKeyId=ref("Key")),
    "Role": resource("IAM::Role", AssumeRolePolicyDocument=ASSUME, RoleName="platform-role",
                     ManagedPolicyArns=["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
                     Policies=[{"PolicyName": "inline", "PolicyDocument": ALLOW}]),
    "Policy": resource("IAM::Policy", PolicyName="apart", PolicyDocument=ALLOW, Roles=[ref("Role")]),
    "Managed": resource("IAM::ManagedPolicy", PolicyDocument=ALLOW, Roles=[ref("Role")]),
    "Profile": resource("IAM::InstanceProfile", Roles=[ref("Role")]),
    "Bucket": resource("S3::Bucket", VersioningConfiguration={"Status": "Enabled"}, ObjectLockEnabled=True,
                       BucketEncryption={"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
                       PublicAccessBlockConfiguration={"BlockPublicAcls": True, "RestrictPublicBuckets": "true"},
                       LifecycleConfiguration={"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 9}]}),
    "Topic": resource("SNS::Topic", KmsMasterKeyId=ref("Key")),
    "Queue": resource("SQS::Queue", VisibilityTimeout=77),
    "QueuePolicy": resource("SQS::QueuePolicy", Queues=[ref("Queue")], PolicyDocument=ALLOW),
    "TopicPolicy": resource("SNS::TopicPolicy", Topics=[ref("Topic")], PolicyDocument=ALLOW),
    "Subscription": resource("SNS::Subscription", TopicArn=ref("Topic"), Protocol="sqs", Endpoint=get("Queue", "Arn")),
    "Rule": resource("Events::Rule", EventPattern={"source": ["aws.backup"]}, Targets=[{"Id": "T", "Arn": ref("Topic")}]),
    "Alarm": resource("CloudWatch::Alarm", MetricName="m", Namespace="n", ComparisonOperator="GreaterThanThreshold", Threshold="1",
                      EvaluationPeriods=1, Period=60, Statistic="Sum", AlarmActions=[ref("Topic")]),
    "Composite": resource("CloudWatch::CompositeAlarm", AlarmRule={"Fn::Sub": "ALARM(\"${Alarm}\")"}),
    "Board": resource("CloudWatch::Dashboard", DashboardBody='{"widgets": []}'),
    "Secret": resource("SecretsManager::Secret", ReplicaRegions=[{"Region": OTHER}],
                       GenerateSecretString={"SecretStringTemplate": '{"username": "admin"}', "GenerateStringKey": "password", "PasswordLength": 24}),
    "Resolved": resource("SSM::Parameter", Type="String", Name="/platform/user",
                         Value={"Fn::Sub": "{{resolve:secretsmanager:${Secret}:SecretString:username}}"}),
    "Zone": resource("Route53::HostedZone", Name="bank.example"),
    "Check": resource("Route53::HealthCheck", HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "bank.example"}),
    "Record": resource("Route53::RecordSet", HostedZoneId=ref("Zone"), Name="www.bank.example", Type="CNAME", TTL="60", ResourceRecords=["a.example"],
                       SetIdentifier="primary", Failover="PRIMARY", HealthCheckId=ref("Check")),
    "Function": resource("Lambda::Function", Handler="index.handler", Runtime="python3.12", Role=get("Role", "Arn"), Code={"ZipFile": "def handler(e, c): return 1"},
                         Environment={"Variables": {"LEVEL": 1}}),
    "Permission": resource("Lambda::Permission", FunctionName=ref("Function"), Action="lambda:InvokeFunction", Principal="events.amazonaws.com"),
    "Version": resource("Lambda::Version", FunctionName=ref("Function")),
    "Machine": resource("StepFunctions::StateMachine", RoleArn=get("Role", "Arn"), DefinitionSubstitutions={"Done": "Finished"},
                        DefinitionString='{"StartAt": "${Done}", "States": {"${Done}": {"Type": "Succeed"}}}'),
    "Repository": resource("ECR::Repository", ImageTagMutability="IMMUTABLE"),
}  # fmt: skip


def test_the_platform_services_come_and_go(cloud: Cloud) -> None:
    names = {
        "Secret": ref("Secret"),
        "Machine": ref("Machine"),
        "Bucket": ref("Bucket"),
        "Function": get("Function", "Arn"),
        "Key": ref("Key"),
    }
    stack = deploy(cloud, "platform", PLATFORM, names)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Reasons"]
    values = stack["Values"]
    secret = json.loads(cloud.client("secretsmanager", REGION).get_secret_value(SecretId=values["Secret"])["SecretString"])
    assert (secret["username"], len(secret["password"])) == ("admin", 24)
    assert cloud.client("ssm", REGION).get_parameter(Name="/platform/user")["Parameter"]["Value"] == "admin"
    definition = cloud.client("stepfunctions", REGION).describe_state_machine(stateMachineArn=values["Machine"])["definition"]
    assert json.loads(definition)["StartAt"] == "Finished"
    assert cloud.client("s3", REGION).get_bucket_versioning(Bucket=values["Bucket"])["Status"] == "Enabled"
    block = cloud.client("s3", REGION).get_public_access_block(Bucket=values["Bucket"])["PublicAccessBlockConfiguration"]
    assert block["RestrictPublicBuckets"] is True
    assert values["Function"].startswith(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:")
    attached = cloud.client("iam", REGION).list_attached_role_policies(RoleName="platform-role")["AttachedPolicies"]
    assert len(attached) == 2
    gone = destroy(cloud, stack)
    assert gone["StackStatus"] == "DELETE_COMPLETE", gone["Reasons"]


def table(**more: Any) -> dict[str, Any]:
    return resource("DynamoDB::Table", BillingMode="PAY_PER_REQUEST", AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], **more)  # fmt: skip


def test_a_table_keeps_the_protection_its_template_asks_for(cloud: Cloud) -> None:
    protected = table(PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35},
                      TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": True}, DeletionProtectionEnabled=True,
                      StreamSpecification={"StreamViewType": "NEW_IMAGE"}, Tags=[{"Key": "k", "Value": "v"}])  # fmt: skip
    stack = deploy(cloud, "table", {"Table": protected}, {"Name": ref("Table"), "Stream": get("Table", "StreamArn")})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Reasons"]
    dynamodb, name = cloud.client("dynamodb", REGION), stack["Values"]["Name"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["AttributeName"] == "ttl"
    assert dynamodb.describe_table(TableName=name)["Table"]["DeletionProtectionEnabled"] is True
    stack = deploy(cloud, "table", {"Table": table(DeletionProtectionEnabled=False)}, {"Name": ref("Table")}, update=True)
    assert (stack["StackStatus"], stack["Values"]["Name"]) == ("UPDATE_COMPLETE", name)
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"
    assert destroy(cloud, stack)["StackStatus"] == "DELETE_COMPLETE"


def test_a_database_takes_its_settings_and_leaves_a_final_snapshot(cloud: Cloud) -> None:
    group = {name: NETWORK[name] for name in ("Vpc", "A", "B", "Group")}
    database = resource("RDS::DBInstance", DBInstanceIdentifier="cfn-database", DBInstanceClass="db.t4g.medium", Engine="mysql", EngineVersion="8.0.40",
                        AllocatedStorage="20", MultiAZ=True, BackupRetentionPeriod=7, MasterUsername="admin", MasterUserPassword="rehearsal-password",
                        DBSubnetGroupName=ref("Subnets"), DBParameterGroupName=ref("Parameters"), VPCSecurityGroups=[get("Group", "GroupId")])  # fmt: skip
    resources = {
        **group,
        "Subnets": resource("RDS::DBSubnetGroup", DBSubnetGroupDescription="d", SubnetIds=[ref("A"), ref("B")]),
        "Parameters": resource(
            "RDS::DBParameterGroup", Description="d", Family="mysql8.0", Parameters={"max_connections": "100"}
        ),
        "Database": database,
    }
    wanted = {
        "Port": get("Database", "Endpoint.Port"),
        "Arn": get("Database", "DBInstanceArn"),
        "Id": get("Database", "DbiResourceId"),
    }
    stack = deploy(cloud, "database", resources, wanted)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Reasons"]
    assert stack["Values"]["Arn"] == f"arn:aws:rds:{REGION}:{ACCOUNT}:db:cfn-database"
    assert int(stack["Values"]["Port"])
    rds = cloud.client("rds", REGION)
    found = rds.describe_db_instances(DBInstanceIdentifier="cfn-database")["DBInstances"][0]
    assert (found["DBInstanceStatus"], found["MultiAZ"], found["BackupRetentionPeriod"]) == ("available", True, 7)
    database["Properties"]["BackupRetentionPeriod"] = 14
    assert deploy(cloud, "database", resources, wanted, update=True)["StackStatus"] == "UPDATE_COMPLETE"
    assert rds.describe_db_instances(DBInstanceIdentifier="cfn-database")["DBInstances"][0]["BackupRetentionPeriod"] == 14
    gone = destroy(cloud, stack)
    assert gone["StackStatus"] == "DELETE_COMPLETE", gone["Reasons"]
    snapshots = rds.describe_db_snapshots(DBInstanceIdentifier="cfn-database")["DBSnapshots"]
    assert [each["DBSnapshotIdentifier"].startswith("database-") for each in snapshots if each["SnapshotType"] == "manual"] == [
        True
    ]


def test_a_backup_plan_with_its_vault_and_selection(cloud: Cloud) -> None:
    rule = {
        "RuleName": "daily",
        "TargetBackupVault": ref("Vault"),
        "ScheduleExpression": "cron(0 2 * * ? *)",
        "Lifecycle": {"DeleteAfterDays": 7},
    }
    resources = {
        "Role": resource("IAM::Role", AssumeRolePolicyDocument=ASSUME),
        "Vault": resource("Backup::BackupVault", BackupVaultName="cfn-vault", BackupVaultTags={"k": "v"}),
        "Plan": resource("Backup::BackupPlan", BackupPlan={"BackupPlanName": "cfn-plan", "BackupPlanRule": [rule]}),
        "Selection": resource("Backup::BackupSelection", BackupPlanId=ref("Plan"), BackupSelection={
            "SelectionName": "cfn-selection", "IamRoleArn": get("Role", "Arn"), "Resources": ["arn:aws:dynamodb:*:*:table/x"]}),
    }  # fmt: skip
    stack = deploy(cloud, "backup", resources, {"Plan": ref("Plan"), "Vault": get("Vault", "BackupVaultArn")})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Reasons"]
    backup, plan = cloud.client("backup", REGION), stack["Values"]["Plan"]
    assert backup.get_backup_plan(BackupPlanId=plan)["BackupPlan"]["Rules"][0]["TargetBackupVaultName"] == "cfn-vault"
    assert len(backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]) == 1
    assert destroy(cloud, stack)["StackStatus"] == "DELETE_COMPLETE"


def test_a_type_nobody_simulates_is_recorded_and_listed(cloud: Cloud) -> None:
    application = resource("ElasticBeanstalk::Application", ApplicationName="bank")
    testing = resource("Backup::RestoreTestingPlan", RestoreTestingPlanName="monthly", ScheduleExpression="cron(0 5 1 * ? *)", RecoveryPointSelection={
        "Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT"], "SelectionWindowDays": "7"})  # fmt: skip
    stack = deploy(
        cloud,
        "recorded",
        {"App": application, "Testing": testing},
        {"App": ref("App"), "Arn": get("Testing", "RestoreTestingPlanArn")},
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["Values"]["App"] == "bank"
    assert stack["Values"]["Arn"].endswith(".recorded.invalid")
    listed = {(each[2], each[4]) for each in cloud.services["cloudformation"].resources() if each[1] == "recorded"}  # type: ignore[attr-defined]
    assert listed == {("App", "recorded"), ("Testing", "recorded")}


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (resource("ElasticBeanstalk::Application", ApplicationNmae="bank"), "ApplicationNmae"),
        (resource("SNS::Topic", TopicNmae="bank"), "AWS::SNS::Topic.*TopicNmae"),
        (resource("Backup::BackupVault"), "BackupVaultName.*required"),
        (resource("S3::Bucket", VersioningConfiguration={"Status": "Enabld"}), "VersioningConfiguration/Status.*Enabld"),
        (resource("SQS::Queue", VisibilityTimeout="soon"), "VisibilityTimeout.*soon"),
    ],
)  # fmt: skip
def test_a_wrong_property_fails_by_type_path_and_value(cloud: Cloud, bad: dict[str, Any], complaint: str) -> None:
    import re

    stack = deploy(cloud, "wrong", {"Wrong": bad})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any(re.search(complaint, reason) for reason in stack["Reasons"]), stack["Reasons"]
    destroy(cloud, stack)


def test_a_type_that_does_not_exist_is_refused(cloud: Cloud) -> None:
    from botocore.exceptions import ClientError

    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::Backup::BackupVualt\]"):
        deploy(cloud, "unknown", {"X": resource("Backup::BackupVualt", BackupVaultName="v")})


def custom_resource(**properties: Any) -> dict[str, Any]:
    return {
        "Type": "Custom::Thing",
        "Properties": {"ServiceToken": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:thing", **properties},
    }


def test_a_custom_resource_lives_by_what_its_function_answers(cloud: Cloud, functions: Functions) -> None:
    functions.behaviour = {"Status": "SUCCESS", "Data": {"Colour": "green"}}
    outputs = {"Id": ref("Thing"), "Colour": get("Thing", "Colour")}
    stack = deploy(cloud, "custom", {"Thing": custom_resource(Name="one", Size=3)}, outputs)
    assert (stack["StackStatus"], stack["Values"]) == ("CREATE_COMPLETE", {"Id": "made-one", "Colour": "green"})
    stack = deploy(cloud, "custom", {"Thing": custom_resource(Name="two", Size=3)}, outputs, update=True)
    assert (stack["StackStatus"], stack["Values"]["Id"]) == ("UPDATE_COMPLETE", "made-two")
    destroy(cloud, stack)
    asked = [(event["RequestType"], event.get("PhysicalResourceId")) for event in functions.events]
    assert asked == [("Create", None), ("Update", "made-one"), ("Delete", "made-one"), ("Delete", "made-two")]
    assert functions.events[1]["OldResourceProperties"]["Name"] == "one"
    assert functions.events[0]["ResourceProperties"]["Size"] == "3"


def test_a_custom_resource_that_fails_fails_the_stack_with_its_reason(cloud: Cloud, functions: Functions) -> None:
    functions.behaviour = {"Status": "FAILED", "Reason": "no such thing"}
    stack = deploy(cloud, "custom-failed", {"Thing": custom_resource()})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("no such thing" in reason for reason in stack["Reasons"])


def test_a_custom_resource_that_never_answers_is_given_up(
    cloud: Cloud, functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custom, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(functions, "invoke", lambda _region, **_: {"StatusCode": 200, "Payload": b"null"})
    stack = deploy(cloud, "custom-silent", {"Thing": custom_resource()})
    assert any("no answer to Create" in reason for reason in stack["Reasons"])
