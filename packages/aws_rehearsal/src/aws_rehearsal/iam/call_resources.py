"""The ARNs that an action of a call acts on: the reference's ARN formats, filled with the request's members.

A member may hold a name, an id or an ARN; a resource that AWS names only while it creates it is `*` in its place.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable

from aws_rehearsal.iam.call import PARTITION, Call, last_of, text
from aws_rehearsal.iam.service_reference import Action, ResourceType, reference

Found = dict[str, tuple[str, ...]]
"""Resource type → its ARNs, in the order of the request."""

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_WITH_SLASHES = frozenset(
    {
        "LogGroupName",
        "ObjectName",
        "OpaqueId",
        "ParameterNameWithoutLeadingSlash",
        "RepositoryName",
        "ResourceId",
        "SecretId",
        "QueueName",
    }
)
_WITH_COLONS = frozenset({"DbInstanceAutomatedBackupId", "LogStreamName", "SnapshotName", "ClusterSnapshotName"})
"""Names that may contain what ARNs separate their parts by."""

MEMBERS: dict[str, dict[str, tuple[str, ...]]] = {
    "acm": {"certificate": ("CertificateArn",)},
    "application-autoscaling": {"ScalableTarget": ("ResourceARN",)},
    "backup": {
        "backupPlan": ("BackupPlanId", "ResourceArn"),
        "backupVault": ("BackupVaultName", "ResourceArn"),
        "recoveryPoint": (),
        "legalHold": ("LegalHoldId", "ResourceArn"),
    },
    "cloudformation": {"stackset": ("StackSetName", "ResourceArn"), "type": (), "stackset-target": ()},
    "cloudtrail": {"trail": ("Name", "TrailName", "trailNameList", "ResourceId", "ResourceIdList")},
    "cloudwatch": {
        "alarm": ("AlarmName", "AlarmNames", "ResourceARN"),
        "dashboard": ("DashboardName", "DashboardNames"),
        "dataset": (),
        "insight-rule": ("RuleName", "RuleNames", "ResourceARN"),
        "metric-stream": ("Name", "Names", "ResourceARN"),
    },
    "dynamodb": {
        "backup": ("BackupArn",),
        "export": ("ExportArn",),
        "global-table": ("GlobalTableName",),
        "import": ("ImportArn",),
        "stream": ("StreamArn", "ResourceArn"),
        "table": ("TableName", "TableArn", "SourceTableName", "SourceTableArn", "TargetTableName", "ResourceArn",
                  "TableCreationParameters.TableName", "ReplicationGroup.TableName"),
    },
    "ec2": {
        "elastic-ip": ("AllocationId", "AllocationIds"),
        "image": ("ImageId", "ImageIds", "SourceImageId"),
        "instance": ("InstanceId", "InstanceIds"),
        "natgateway": ("NatGatewayId", "NatGatewayIds"),
        "network-acl": ("NetworkAclId", "NetworkAclIds"),
        "network-interface": ("NetworkInterfaceId", "NetworkInterfaceIds"),
        "security-group": ("GroupId", "GroupIds", "SecurityGroupId", "SecurityGroupIds", "Groups"),
        "vpc-endpoint": ("VpcEndpointId", "VpcEndpointIds"),
        "vpc-flow-log": ("FlowLogIds",),
    },
    "ecr": {"repository": ("repositoryName", "repositoryNames", "resourceArn")},
    "elasticbeanstalk": {"application": ("ApplicationName", "ApplicationNames", "ResourceArn"), "platform": ("PlatformArn",)},
    "events": {
        "alias": (), "archive": ("ArchiveName",), "event-busv2": (), "event-sourcev2": (), "key": (), "replay": ("ReplayName",),
    },
    "iam": {},
    "lambda": {
        "capacityProvider": ("CapacityProviderName", "Resource"),
        "code signing config": ("CodeSigningConfigArn", "Resource"),
        "eventSourceMapping": ("UUID", "Resource"),
        "layer": ("LayerName",),
        "webFunction": (),
    },
    "rds": {
        "auto-backup": ("DBInstanceAutomatedBackupsArn", "SourceDBInstanceAutomatedBackupsArn", "ResourceName"),
        "cluster": ("DBClusterIdentifier", "SourceDBClusterIdentifier", "ResourceName"),
        "cluster-pg": ("DBClusterParameterGroupName", "SourceDBClusterParameterGroupIdentifier",
                       "TargetDBClusterParameterGroupIdentifier", "ResourceName"),
        "cluster-snapshot": ("DBClusterSnapshotIdentifier", "SourceDBClusterSnapshotIdentifier",
                             "TargetDBClusterSnapshotIdentifier", "ResourceName"),
        "db": ("DBInstanceIdentifier", "SourceDBInstanceIdentifier", "TargetDBInstanceIdentifier", "NewDBInstanceIdentifier",
               "SourceDBInstanceArn", "ResourceName"),
        "es": ("SubscriptionName", "ResourceName"),
        "og": ("OptionGroupName", "SourceOptionGroupIdentifier", "TargetOptionGroupIdentifier", "ResourceName"),
        "pg": ("DBParameterGroupName", "SourceDBParameterGroupIdentifier", "TargetDBParameterGroupIdentifier", "ResourceName"),
        "secgrp": ("DBSecurityGroupName", "DBSecurityGroups", "ResourceName"),
        "snapshot": ("DBSnapshotIdentifier", "SourceDBSnapshotIdentifier", "TargetDBSnapshotIdentifier", "ResourceName"),
        "subgrp": ("DBSubnetGroupName", "ResourceName"),
    },
    "route53": {
        "change": ("Id",),
        "delegationset": ("DelegationSetId",),
        "healthcheck": ("HealthCheckId", "ResourceId", "ResourceIds"),
        "hostedzone": ("HostedZoneId", "Id", "ResourceId", "ResourceIds"),
        "vpc": (),
    },
    "servicequotas": {},
    "sns": {"topic": ("TopicArn", "ResourceArn", "TargetArn", "Name")},
    "sqs": {"queue": ("QueueUrl", "QueueName", "SourceArn", "TaskHandle")},
    "ssm": {"document": ("Name", "DocumentName")},
    "states": {
        "activity": ("activityArn", "name", "resourceArn"),
        "execution": ("executionArn",),
        "express": ("executionArn",),
        "maprun": ("mapRunArn",),
        "statemachine": ("stateMachineArn", "name", "resourceArn"),
        "statemachinealias": ("stateMachineAliasArn", "resourceArn"),
        "statemachineversion": ("stateMachineVersionArn", "resourceArn"),
    },
    "sts": {"role": ("RoleArn",)},
}  # fmt: skip
"""Prefix → resource type → the members that name one, where the ARN format's variable is no member. An empty tuple: never."""

_UNNAMED = {
    "rds:DescribeDBInstances": "db",
    "rds:DescribeDBSnapshots": "snapshot",
    "rds:DescribeDBInstanceAutomatedBackups": "auto-backup",
    "rds:DescribeDBParameterGroups": "pg",
    "rds:DescribeDBSubnetGroups": "subgrp",
    "rds:DescribeOptionGroups": "og",
    "rds:DescribeDBClusters": "cluster",
    "rds:DescribeEvents": "es",
    "cloudformation:DescribeStacks": "stack",
    "elasticbeanstalk:DescribeEnvironments": "environment",
    "elasticbeanstalk:DescribeApplications": "application",
    "cloudwatch:DescribeAlarms": "alarm",
}
"""Listings that may name a resource: naming none, they are judged on every resource of the type."""
_CREATES = ("Allocate", "Create", "Copy", "Import", "Register", "Run", "Start")


def resources(call: Call, action: Action) -> Found:
    """Resource type → ARNs, of those that the request names or makes; empty where the action has no resources."""
    types = reference(call.prefix).resources
    found: Found = {}
    for kind in action.types:
        if kind in types and (arns := tuple(dict.fromkeys(_of_type(call, kind, types[kind])))):
            found[kind] = arns
    unnamed = _UNNAMED.get(f"{call.prefix}:{action.name}")
    if not found and unnamed in types:
        return {str(unnamed): (_wild(call, types[str(unnamed)]),)}
    required = [kind for kind, (needed, _) in action.types.items() if needed and kind in types and kind not in found]
    for kind in required:
        if not found or (call.prefix == "ec2" and action.name.startswith(_CREATES)):
            found[kind] = (_wild(call, types[kind]),)
    return found


def _of_type(call: Call, kind: str, of: ResourceType) -> Iterable[str]:
    special = _SPECIAL.get((call.prefix, kind))
    if special:
        return special(call)
    members = MEMBERS.get(call.prefix, {}).get(kind)
    if members is None:
        likely = _likely_members(kind, of.arn)
        members = tuple(name for name in call.parameters if name in likely)
    values = [text(value) for member in members for value in call.all(member) if isinstance(value, str | int)]
    if call.prefix == "ec2":
        anything = [text(value) for member in ("ResourceId", "ResourceIds", "Resources") for value in call.all(member)]
        values = [value for value in values if value not in anything] + [value for value in anything if _is_of(kind, value)]
    return [arn for value in values if value and (arn := named(call, of, value))]


_IDS = {
    "acl": "network-acl", "dopt": "dhcp-options", "eipalloc": "elastic-ip", "eni": "network-interface", "fl": "vpc-flow-log",
    "i": "instance", "igw": "internet-gateway", "ami": "image", "nat": "natgateway", "rtb": "route-table", "sg": "security-group",
    "sgr": "security-group-rule", "snap": "snapshot", "subnet": "subnet", "tgw": "transit-gateway",
    "tgw-attach": "transit-gateway-attachment", "vol": "volume", "vpc": "vpc", "vpce": "vpc-endpoint",
    "pcx": "vpc-peering-connection", "lt": "launch-template",
}  # fmt: skip
"""How the ids of EC2 begin → the type that they are of: some members take ids of any type."""


def _is_of(kind: str, value: str) -> bool:
    return _IDS.get(value.rpartition("-")[0]) == kind


def named(call: Call, of: ResourceType, value: str) -> str:
    """The ARN of a resource of a type, from its name, id or ARN; empty where the ARN is of another type."""
    if value.startswith("arn:"):
        return value if _pattern(of.arn).fullmatch(value) else ""
    variables = _VARIABLE.findall(of.arn)
    return _filled(call, of.arn, {variables[-1]: value} if variables else {})


def _wild(call: Call, of: ResourceType) -> str:
    return _filled(call, of.arn, {})


def _filled(call: Call, arn: str, values: dict[str, str]) -> str:
    known = {"Partition": PARTITION, "Region": call.region, "Account": call.account} | values
    return _VARIABLE.sub(lambda found: known.get(found[1], "*"), arn)


@functools.lru_cache(maxsize=2048)
def _pattern(arn: str) -> re.Pattern[str]:
    parts, end = [], 0
    for found in _VARIABLE.finditer(arn):
        parts.append(re.escape(arn[end : found.start()]))
        name = found[1]
        if name in {"Partition", "Region", "Account"}:
            parts.append("[^:]*")
        elif name in _WITH_SLASHES or name.endswith("WithPath"):
            parts.append("[^:]+")
        else:
            parts.append("[^/]+" if name in _WITH_COLONS else "[^:/]+")
        end = found.end()
    return re.compile("".join([*parts, re.escape(arn[end:])]))


@functools.lru_cache(maxsize=2048)
def _likely_members(kind: str, arn: str) -> frozenset[str]:
    """Members by the name of the ARN's last variable, and by the type's own, in the spellings that AWS uses."""
    variables = [name for name in _VARIABLE.findall(arn) if name not in {"Partition", "Region", "Account"}]
    stem = "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", kind))
    names = [*variables[-1:], *(f"{stem}{end}" for end in ("", "Id", "Name", "Arn", "Identifier"))]
    spelled = [*names, *(f"{name}s" for name in names), "ResourceArn", "ResourceARN", "ResourceName", "ResourceIds", "Resources"]
    return frozenset([*spelled, *(f"{name[:1].lower()}{name[1:]}" for name in spelled)])


# ------------------------------------------------------------- what is special
def _bucket(call: Call) -> list[str]:
    bucket = call.text("Bucket")
    if not bucket or ":accesspoint" in bucket:
        return []
    return [f"arn:{PARTITION}:s3:::{last_of(bucket) if bucket.startswith('arn:') else bucket}"]


def _object(call: Call) -> list[str]:
    bucket, key = call.text("Bucket"), call.text("Key")
    return [f"arn:{PARTITION}:s3:::{bucket}/{key or '*'}"] if bucket and ":accesspoint" not in bucket else []


def _access_point(call: Call) -> list[str]:
    bucket = call.text("Bucket")
    return [bucket] if ":accesspoint" in bucket else []


def _access_point_object(call: Call) -> list[str]:
    bucket = call.text("Bucket")
    return [f"{bucket}/object/{call.text('Key') or '*'}"] if ":accesspoint" in bucket else []


def _table(call: Call) -> list[str]:
    """An index is judged alone: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/using-identity-based-policies.html"""
    if call.get("IndexName") and call.action in {"Query", "Scan", "PartiQLSelect"}:
        return []
    of = reference("dynamodb").resources["table"]
    values = [text(value) for member in MEMBERS["dynamodb"]["table"] for value in call.all(member)]
    found = [named(call, of, value.partition("/index/")[0].partition("/stream/")[0]) for value in values]
    return [arn for arn in found if arn]


def _index(call: Call) -> list[str]:
    index = call.text("IndexName")
    of = reference("dynamodb").resources["table"]
    return [f"{named(call, of, text(table))}/index/{index}" for table in call.all("TableName")] if index else []


def _backup_of_table(call: Call) -> list[str]:
    return [text(arn) for arn in call.all("BackupArn")]


def _key(call: Call) -> list[str]:
    """The key behind whatever names it. What has been encrypted names its key itself."""
    found = []
    for member in ("KeyId", "TargetKeyId", "ResourceArn"):
        for value in call.all(member):
            name = text(value)
            found.append(call.lookup.arn("kms", name, call.region) or key_arn(call, name))
    if not found and (blob := call.text("CiphertextBlob")):
        found.append(call.lookup.arn("kms-ciphertext", blob, call.region))
    return [arn for arn in found if arn]


def key_arn(call: Call, name: str) -> str:
    """Of a key that nobody knows: its id says enough, an alias does not."""
    if name.startswith("arn:"):
        return name if ":key/" in name else call.arn("key/*", prefix="kms")
    return call.arn("key/*" if name.startswith("alias/") else f"key/{name}", prefix="kms")


def _alias(call: Call) -> list[str]:
    name = call.text("AliasName")
    return [name if name.startswith("arn:") else call.arn(name)] if name else []


def function_arn(call: Call, name: str, qualifier: str = "") -> str:
    """From a name, a partial ARN (`123456789012:function:name`) or an ARN, each with a qualifier or without."""
    parts = name.split(":")
    at = parts.index("function") + 1 if "function" in parts else 0
    base, given = parts[at], ":".join(parts[at + 1 :])
    where = ":".join(parts[: at - 1]) if name.startswith("arn:") else f"arn:{PARTITION}:lambda:{call.region}:{call.account}"
    end = qualifier or given
    return f"{where}:function:{base}" + (f":{end}" if end else "")


def _function(call: Call) -> list[str]:
    """Qualified where the request says so: https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html"""
    names = [text(name) for member in ("FunctionName", "Resource") for name in call.all(member)]
    names = [name for name in names if not name.startswith("arn:") or ":function:" in name]
    qualifier = call.text("Qualifier") if call.action in _QUALIFIED else ""
    return [function_arn(call, name, qualifier) for name in names]


_QUALIFIED = frozenset(
    {"AddPermission", "GetFunction", "GetFunctionConfiguration", "GetPolicy", "InvokeFunction", "RemovePermission",
     "PutFunctionEventInvokeConfig",
     "UpdateFunctionEventInvokeConfig", "GetFunctionEventInvokeConfig", "DeleteFunctionEventInvokeConfig", "DeleteFunction"}
)  # fmt: skip


def _function_alias(call: Call) -> list[str]:
    name, qualifier = call.text("FunctionName"), call.text("Qualifier")
    return (
        [function_arn(call, name, qualifier)] if name and qualifier and not qualifier.isdigit() and qualifier != "$LATEST" else []
    )


def _function_version(call: Call) -> list[str]:
    name, qualifier = call.text("FunctionName"), call.text("Qualifier")
    return [function_arn(call, name, qualifier)] if name and (qualifier.isdigit() or qualifier == "$LATEST") else []


def _layer_version(call: Call) -> list[str]:
    layer, number = call.text("LayerName"), call.text("VersionNumber")
    if arn := call.text("Arn"):
        return [arn]
    if not layer:
        return []
    return [f"{layer if layer.startswith('arn:') else call.arn(f'layer:{layer}')}:{number or '*'}"]


def _topic(call: Call) -> list[str]:
    """A subscription's ARN is its topic's, and an id."""
    found = [text(arn).rsplit(":", 1)[0] for arn in call.all("SubscriptionArn") if text(arn).count(":") == 6]
    of = reference("sns").resources["topic"]
    for member in MEMBERS["sns"]["topic"]:
        found += [arn for value in call.all(member) if (arn := named(call, of, text(value)))]
    return found


def _queue(call: Call) -> list[str]:
    found = [call.arn(text(url).rstrip("/").rsplit("/", 1)[-1]) for url in call.all("QueueUrl")]
    found += [text(name) if text(name).startswith("arn:") else call.arn(text(name)) for name in call.all("QueueName")]
    return found


def _parameter(call: Call) -> list[str]:
    """Without the leading slash, and without a version or label after a colon."""
    found = []
    for member in ("Name", "Names", "Path", "ResourceId"):
        for value in call.all(member):
            name = text(value)
            if name.startswith("arn:"):
                found.append(name)
            elif member != "ResourceId" or call.text("ResourceType") == "Parameter":
                found.append(call.arn(f"parameter/{name.removeprefix('/').partition(':')[0]}"))
    return found


def secret_arn(call: Call, name: str, region: str = "") -> str:
    """AWS ends it with six characters of its own, which only the secret itself tells."""
    where = region or call.region
    if name.startswith("arn:"):
        return call.lookup.arn("secret", name, where) or name
    return call.lookup.arn("secret", name, where) or call.arn(f"secret:{name}-??????", prefix="secretsmanager", region=where)


def _secret(call: Call) -> list[str]:
    if call.action == "CreateSecret":
        return [call.arn(f"secret:{text(name)}-??????") for name in call.all("Name")]
    return [secret_arn(call, text(name)) for member in ("SecretId", "SecretIdList") for name in call.all(member)]


def _log_group(call: Call) -> list[str]:
    """With what follows the group, except where it is tagged; so policies end in `:*`.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    """
    bare = call.action in {"TagResource", "UntagResource", "ListTagsForResource"}
    members = (
        ("resourceArn",)
        if bare
        else ("logGroupName", "logGroupNames", "logGroupIdentifier", "logGroupIdentifiers", "logGroupArn")
    )
    found = []
    for member in members:
        for value in call.all(member):
            name = text(value).removesuffix(":*")
            arn = name if name.startswith("arn:") else call.arn(f"log-group:{name}")
            if ":log-group:" in arn:
                found.append(arn if bare else f"{arn}:log-stream:")
    return found


def _log_stream(call: Call) -> list[str]:
    group, stream = call.text("logGroupName") or call.text("logGroupIdentifier"), call.text("logStreamName")
    if not group:
        return []
    arn = group.removesuffix(":*") if group.startswith("arn:") else call.arn(f"log-group:{group}")
    return [f"{arn}:log-stream:{stream or '*'}"]


def _execution(call: Call) -> list[str]:
    return [arn for arn in map(text, call.all("executionArn")) if ":execution:" in arn]


def _express(call: Call) -> list[str]:
    return [arn for arn in map(text, call.all("executionArn")) if ":express:" in arn]


def _state_machine(call: Call) -> list[str]:
    """A version or alias is the condition `states:StateMachineQualifier`, and not another resource."""
    found = []
    for member in ("stateMachineArn", "resourceArn"):
        found += [":".join(arn.split(":")[:7]) for arn in map(text, call.all(member)) if ":stateMachine:" in arn]
    if call.action in {"CreateStateMachine", "ValidateStateMachineDefinition"}:
        found += [call.arn(f"stateMachine:{text(name)}") for name in call.all("name")]
    return found


def _rule(call: Call) -> list[str]:
    bus = call.text("EventBusName") or "default"
    if call.text("ResourceARN"):
        arn = call.text("ResourceARN")
        return [arn] if ":rule/" in arn and arn.rpartition(":rule/")[2].count("/") == 0 else []
    names = [text(name) for member in ("Rule", "Name") for name in call.all(member)]
    return [call.arn(f"rule/{name}") for name in names] if last_of(bus) == "default" else []


def _rule_of_bus(call: Call) -> list[str]:
    bus = call.text("EventBusName") or "default"
    if call.text("ResourceARN"):
        arn = call.text("ResourceARN")
        return [arn] if ":rule/" in arn and arn.rpartition(":rule/")[2].count("/") == 1 else []
    names = [text(name) for member in ("Rule", "Name") for name in call.all(member)]
    return [call.arn(f"rule/{last_of(bus)}/{name}") for name in names] if last_of(bus) != "default" else []


def _bus(call: Call) -> list[str]:
    if call.action == "PutEvents":
        names = [text(entry.get("EventBusName") or "default") for entry in call.all("Entries")]
    else:
        names = [text(name) for member in ("EventBusName", "ResourceARN", "EventSourceArn") for name in call.all(member)]
        names += [text(name) for name in call.all("Name")] if "EventBus" in call.action else []
    arns = [name if name.startswith("arn:") else call.arn(f"event-bus/{name}") for name in names]
    return [arn for arn in arns if ":event-bus/" in arn]


def _recovery_point(call: Call) -> list[str]:
    return [arn for member in ("RecoveryPointArn", "ResourceArn") for arn in map(text, call.all(member)) if ":backup-" not in arn]


def _vault(call: Call) -> list[str]:
    """The request's own vault; the other end of a copy is a dependent need, on the other end."""
    names = [text(name) for member in ("BackupVaultName", "ResourceArn") for name in call.all(member)]
    arns = [name if name.startswith("arn:") else call.arn(f"backup-vault:{name}") for name in names]
    return [arn for arn in arns if ":backup-vault:" in arn]


def _testing_plan(call: Call) -> list[str]:
    names = [
        text(name)
        for member in ("RestoreTestingPlanName", "RestoreTestingPlan.RestoreTestingPlanName")
        for name in call.all(member)
    ]
    found = [
        call.lookup.arn("restore-testing-plan", name, call.region) or call.arn(f"restore-testing-plan:{name}-*") for name in names
    ]
    return found + [arn for arn in map(text, call.all("ResourceArn")) if ":restore-testing-plan:" in arn]


def stack_arn(call: Call, name: str) -> str:
    """Of a stack by name, id or ARN; one that is not there yet has `*` for its id."""
    return (
        name
        if name.startswith("arn:")
        else call.lookup.arn("stack", name, call.region) or call.arn(f"stack/{name}/*", prefix="cloudformation")
    )


def _stack(call: Call) -> list[str]:
    return [stack_arn(call, text(name)) for name in call.all("StackName")]


def environment_arns(call: Call) -> list[str]:
    application = call.text("ApplicationName")
    found = []
    for member in (
        "EnvironmentName",
        "EnvironmentId",
        "EnvironmentNames",
        "EnvironmentIds",
        "SourceEnvironmentName",
        "DestinationEnvironmentName",
    ):
        for value in call.all(member):
            name = text(value)
            arn = call.lookup.arn("environment", name, call.region)
            found.append(arn or call.arn(f"environment/{application or '*'}/{'*' if member.endswith(('Id', 'Ids')) else name}"))
    if not found and application:
        found.append(call.arn(f"environment/{application}/*"))
    return found + [arn for arn in map(text, call.all("ResourceArn")) if ":environment/" in arn]


def _application_version(call: Call) -> list[str]:
    application, label = call.text("ApplicationName"), call.text("VersionLabel")
    return [call.arn(f"applicationversion/{application}/{label or '*'}")] if application else []


def _configuration_template(call: Call) -> list[str]:
    application, template = call.text("ApplicationName"), call.text("TemplateName")
    return [call.arn(f"configurationtemplate/{application}/{template}")] if application and template else []


def _solution_stack(call: Call) -> list[str]:
    return [call.arn(f"solutionstack/{text(name)}", account="") for name in call.all("SolutionStackName")]


def _balancer(call: Call) -> list[str]:
    """Classic ones by name, the others by ARN, which holds their type.

    The packages that carry the reference know only one action where both APIs have one of the name: the classic API's.
    """
    members = ("LoadBalancerArn", "LoadBalancerArns", "ResourceArns", "ResourceArn")
    found = [text(arn) for member in members for arn in call.all(member)]
    found += [
        call.arn(f"loadbalancer/{text(name)}")
        for member in ("LoadBalancerName", "LoadBalancerNames")
        for name in call.all(member)
    ]
    if call.action == "CreateLoadBalancer":
        kind = {"application": "app", "network": "net", "gateway": "gwy"}[call.text("Type") or "application"]
        found += [call.arn(f"loadbalancer/{kind}/{text(name)}/*") for name in call.all("Name")]
    return found


def _target_group(call: Call) -> list[str]:
    arns = [text(arn) for member in ("TargetGroupArn", "TargetGroupArns", "ResourceArns") for arn in call.all(member)]
    names = [text(name) for name in call.all("Name")] if call.action == "CreateTargetGroup" else []
    return [arn for arn in arns if ":targetgroup/" in arn] + [call.arn(f"targetgroup/{name}/*") for name in names]


def role_arn(call: Call, name: str) -> str:
    """By its name, from the account's roles: a role's path is part of its ARN."""
    return (
        name
        if name.startswith("arn:")
        else call.lookup.arn("role", name, "") or call.arn(f"role/{name}", prefix="iam", region="")
    )


def _role(call: Call) -> list[str]:
    path = call.text("Path") or "/"
    if call.action == "CreateRole":
        return [call.arn(f"role{path}{text(name)}", region="") for name in call.all("RoleName")]
    if call.action == "CreateServiceLinkedRole":
        return [call.arn(f"role/aws-service-role/{text(name)}/*", region="") for name in call.all("AWSServiceName")]
    return [role_arn(call, text(name)) for name in call.all("RoleName")]


def _role_to_assume(call: Call) -> list[str]:
    return [text(arn) for arn in call.all("RoleArn")]


def _with_path(kind: str, member: str, creation: str) -> Callable[[Call], list[str]]:
    def found(call: Call) -> list[str]:
        path = (call.text("Path") or "/") if call.action == creation else "/"
        return [call.arn(f"{kind}{path}{text(name)}", region="") for name in call.all(member)]

    return found


def _policy(call: Call) -> list[str]:
    if call.action == "CreatePolicy":
        return [call.arn(f"policy{call.text('Path') or '/'}{text(name)}", region="") for name in call.all("PolicyName")]
    return [text(arn) for arn in call.all("PolicyArn")]


def _instance_profile(call: Call) -> list[str]:
    path = (call.text("Path") or "/") if call.action == "CreateInstanceProfile" else "/"
    return [call.arn(f"instance-profile{path}{text(name)}", region="") for name in call.all("InstanceProfileName")]


def _hosted_zone_vpc(call: Call) -> list[str]:
    region, vpc = call.text("VPC.VPCRegion"), call.text("VPC.VPCId")
    return [call.arn(f"vpc/{vpc}", prefix="ec2", region=region or call.region)] if vpc else []


def _zone(call: Call) -> list[str]:
    if call.action == "GetChange" or call.text("ResourceType") == "healthcheck":
        return []
    values = [text(value) for member in MEMBERS["route53"]["hostedzone"] for value in call.all(member)]
    return [f"arn:{PARTITION}:route53:::hostedzone/{value.rsplit('/', 1)[-1]}" for value in values]


def _health_check(call: Call) -> list[str]:
    values = [text(value) for value in call.all("HealthCheckId")]
    values += [text(value) for value in call.all("ResourceId")] if call.text("ResourceType") == "healthcheck" else []
    return [f"arn:{PARTITION}:route53:::healthcheck/{value}" for value in values]


def _schedule(call: Call) -> list[str]:
    return [call.arn(f"schedule/{call.text('GroupName') or 'default'}/{text(name)}") for name in call.all("Name")]


def _schedule_group(call: Call) -> list[str]:
    found = [text(arn) for arn in call.all("ResourceArn")]
    return found + [call.arn(f"schedule-group/{text(name)}") for name in call.all("Name") if "ScheduleGroup" in call.action]


def _scaling_group(call: Call) -> list[str]:
    names = [text(name) for member in ("AutoScalingGroupName", "AutoScalingGroupNames") for name in call.all(member)]
    return [call.arn(f"autoScalingGroup:*:autoScalingGroupName/{name}") for name in names]


def _quota(call: Call) -> list[str]:
    service, code = call.text("ServiceCode"), call.text("QuotaCode")
    return [call.arn(f"{service}/{code}")] if service and code else []


def _option_group(call: Call) -> list[str]:
    return _of_database(call, "og")


def _parameter_group(call: Call) -> list[str]:
    return _of_database(call, "pg")


def _subnet_group(call: Call) -> list[str]:
    return _of_database(call, "subgrp")


_DEFAULTED = frozenset(
    {"CreateDBInstance", "RestoreDBInstanceFromDBSnapshot", "RestoreDBInstanceToPointInTime", "RestoreDBInstanceFromS3"}
)


def _of_database(call: Call, kind: str) -> list[str]:
    """What a new instance is given where the request names none: the defaults of its engine, which the policy must allow too.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/security_iam_id-based-policy-examples-create-and-modify-examples.html
    """
    of = reference("rds").resources[kind]
    values = [text(value).lower() for member in MEMBERS["rds"][kind] for value in call.all(member)]
    found = [arn for value in values if (arn := named(call, of, value))]
    if found or call.action not in _DEFAULTED:
        return found
    return [call.arn(f"{kind}:{_default_group(call, kind)}")]


def _default_group(call: Call, kind: str) -> str:
    if kind == "subgrp":
        return "default"
    facts = call.lookup.facts(source_of_restore(call)) if call.action != "CreateDBInstance" else {}
    engine = call.text("Engine") or facts.get("engine", "")
    version = ".".join((call.text("EngineVersion") or facts.get("engine-version", "")).split(".")[:2])
    if not engine or not version:
        return "default:*" if kind == "og" else "default.*"
    return f"default:{engine}-{version.replace('.', '-')}" if kind == "og" else f"default.{engine}{version}"


def source_of_restore(call: Call) -> str:
    """ARN of what a new instance is made of; empty for one that is made of nothing."""
    types = reference("rds").resources
    for member, kind in (
        ("DBSnapshotIdentifier", "snapshot"),
        ("SourceDBSnapshotIdentifier", "snapshot"),
        ("SourceDBInstanceAutomatedBackupsArn", "auto-backup"),
        ("SourceDBInstanceIdentifier", "db"),
        ("SourceDBInstanceArn", "db"),
    ):
        if value := call.text(member):
            return named(call, types[kind], value.lower())
    return ""


def _database(kind: str) -> Callable[[Call], list[str]]:
    """RDS keeps identifiers in lower case."""

    def found(call: Call) -> list[str]:
        of = reference("rds").resources[kind]
        values = [text(value) for member in MEMBERS["rds"][kind] for value in call.all(member)]
        return [arn for value in values if (arn := named(call, of, value if value.startswith("arn:") else value.lower()))]

    return found


_SPECIAL: dict[tuple[str, str], Callable[[Call], list[str]]] = {
    ("autoscaling", "autoScalingGroup"): _scaling_group,
    ("backup", "backupVault"): _vault,
    ("backup", "recoveryPoint"): _recovery_point,
    ("backup", "restoreTestingPlan"): _testing_plan,
    ("cloudformation", "stack"): _stack,
    ("dynamodb", "backup"): _backup_of_table,
    ("dynamodb", "index"): _index,
    ("dynamodb", "table"): _table,
    ("elasticbeanstalk", "applicationversion"): _application_version,
    ("elasticbeanstalk", "configurationtemplate"): _configuration_template,
    ("elasticbeanstalk", "environment"): environment_arns,
    ("elasticbeanstalk", "solutionstack"): _solution_stack,
    ("elasticloadbalancing", "loadbalancer"): _balancer,
    ("elasticloadbalancing", "targetgroup"): _target_group,
    ("events", "event-bus"): _bus,
    ("events", "rule-on-custom-event-bus"): _rule_of_bus,
    ("events", "rule-on-default-event-bus"): _rule,
    ("iam", "group"): _with_path("group", "GroupName", "CreateGroup"),
    ("iam", "instance-profile"): _instance_profile,
    ("iam", "policy"): _policy,
    ("iam", "role"): _role,
    ("iam", "user"): _with_path("user", "UserName", "CreateUser"),
    ("kms", "alias"): _alias,
    ("kms", "key"): _key,
    ("lambda", "function"): _function,
    ("lambda", "function alias"): _function_alias,
    ("lambda", "function version"): _function_version,
    ("lambda", "layerVersion"): _layer_version,
    ("logs", "log-group"): _log_group,
    ("logs", "log-stream"): _log_stream,
    ("rds", "cluster"): _database("cluster"),
    ("rds", "db"): _database("db"),
    ("rds", "og"): _option_group,
    ("rds", "pg"): _parameter_group,
    ("rds", "snapshot"): _database("snapshot"),
    ("rds", "subgrp"): _subnet_group,
    ("route53", "healthcheck"): _health_check,
    ("route53", "hostedzone"): _zone,
    ("route53", "vpc"): _hosted_zone_vpc,
    ("s3", "accesspoint"): _access_point,
    ("s3", "accesspointobject"): _access_point_object,
    ("s3", "bucket"): _bucket,
    ("s3", "object"): _object,
    ("scheduler", "schedule"): _schedule,
    ("scheduler", "schedule-group"): _schedule_group,
    ("secretsmanager", "Secret"): _secret,
    ("servicequotas", "quota"): _quota,
    ("sns", "topic"): _topic,
    ("sqs", "queue"): _queue,
    ("ssm", "parameter"): _parameter,
    ("states", "execution"): _execution,
    ("states", "express"): _express,
    ("states", "statemachine"): _state_machine,
    ("sts", "role"): _role_to_assume,
}
"""(prefix, resource type) → its ARNs, where a name and a format are not enough."""
