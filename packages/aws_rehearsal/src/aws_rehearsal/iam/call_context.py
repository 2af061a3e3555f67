"""The values of an action's condition keys: of those that the service reference lists, what the request says and AWS knows.

Keys of the caller and of the connection (`aws:PrincipalArn`, `aws:SourceVpc`, `s3:signatureversion`, ...) are no part of a
request, and none of ours.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from aws_rehearsal.iam import item_context, service_reference
from aws_rehearsal.iam.call import Call, text, texts
from aws_rehearsal.iam.call_resources import Found, environment_arns, function_arn, secret_arn

Context = dict[str, tuple[str, ...]]
_Special = Callable[[Call], Iterator[tuple[str, tuple[str, ...]]]]

_OF_THE_REQUEST = frozenset({"aws:requesttag/${tagkey}", "rds:req-tag/${tagkey}", "s3:requestobjecttag/<key>"})
_OF_THE_KEYS = frozenset({"aws:tagkeys", "s3:requestobjecttagkeys"})
_OF_THE_RESOURCE = frozenset(
    {
        "aws:resourcetag/${tagkey}", "autoscaling:resourcetag/${tagkey}", "ec2:resourcetag/${tagkey}",
        "ecr:resourcetag/${tagkey}",
        "elasticloadbalancing:resourcetag/${tagkey}", "iam:resourcetag/${tagkey}", "s3:buckettag/${tagkey}",
        "s3:existingobjecttag/<key>", "secretsmanager:resourcetag/tag-key", "secretsmanager:resourcetag/${tagkey}",
        "ssm:resourcetag/tag-key", "ssm:resourcetag/${tagkey}", "rds:cluster-tag/${tagkey}", "rds:db-tag/${tagkey}",
        "rds:es-tag/${tagkey}", "rds:og-tag/${tagkey}", "rds:pg-tag/${tagkey}", "rds:secgrp-tag/${tagkey}",
        "rds:snapshot-tag/${tagkey}", "rds:subgrp-tag/${tagkey}", "rds:cluster-snapshot-tag/${tagkey}",
    }
)  # fmt: skip
_OF_THE_CONNECTION = frozenset(
    {"s3:authtype", "s3:signatureage", "s3:signatureversion", "s3:tlsversion", "s3:x-amz-content-sha256", "kms:viaservice"}
)

MEMBERS = {
    "acm:validationmethod": ("ValidationMethod",),
    "application-autoscaling:scalable-dimension": ("ScalableDimension",),
    "application-autoscaling:service-namespace": ("ServiceNamespace",),
    "backup:changeablefordays": ("ChangeableForDays",),
    "backup:copytargets": ("DestinationBackupVaultArn",),
    "backup:maxretentiondays": ("MaxRetentionDays",),
    "backup:minretentiondays": ("MinRetentionDays",),
    "cloudformation:changesetname": ("ChangeSetName",),
    "cloudformation:importresourcetypes": ("ResourcesToImport.ResourceType",),
    "cloudformation:resourcetypes": ("ResourceTypes",),
    "cloudformation:rolearn": ("RoleARN",),
    "cloudformation:stackpolicyurl": ("StackPolicyURL",),
    "cloudformation:templateurl": ("TemplateURL",),
    "cloudwatch:alarmactions": ("AlarmActions", "OKActions", "InsufficientDataActions"),
    "cloudwatch:namespace": ("Namespace",),
    "dynamodb:returnconsumedcapacity": ("ReturnConsumedCapacity",),
    "dynamodb:returnvalues": ("ReturnValues",),
    "dynamodb:select": ("Select",),
    "elasticbeanstalk:fromsolutionstack": ("SolutionStackName",),
    "elasticbeanstalk:fromplatform": ("PlatformArn",),
    "elasticloadbalancing:listenerprotocol": ("Protocol",),
    "elasticloadbalancing:scheme": ("Scheme",),
    "elasticloadbalancing:securitygroup": ("SecurityGroups",),
    "elasticloadbalancing:securitypolicy": ("SslPolicy",),
    "elasticloadbalancing:subnet": ("Subnets", "SubnetMappings.SubnetId"),
    "events:source": ("Entries.Source",),
    "events:detail-type": ("Entries.DetailType",),
    "events:targetarn": ("Targets.Arn",),
    "iam:awsservicename": ("AWSServiceName",),
    "iam:permissionsboundary": ("PermissionsBoundary",),
    "iam:policyarn": ("PolicyArn",),
    "kms:bypasspolicylockoutsafetycheck": ("BypassPolicyLockoutSafetyCheck",),
    "kms:datakeypairspec": ("KeyPairSpec",),
    "kms:encryptionalgorithm": ("EncryptionAlgorithm",),
    "kms:granteeprincipal": ("GranteePrincipal",),
    "kms:grantoperations": ("Operations",),
    "kms:keyorigin": ("Origin",),
    "kms:keyspec": ("KeySpec",),
    "kms:keyusage": ("KeyUsage",),
    "kms:macalgorithm": ("MacAlgorithm",),
    "kms:multiregion": ("MultiRegion",),
    "kms:replicaregion": ("ReplicaRegion",),
    "kms:retiringprincipal": ("RetiringPrincipal",),
    "kms:rotationperiodindays": ("RotationPeriodInDays",),
    "kms:schedulekeydeletionpendingwindowindays": ("PendingWindowInDays",),
    "kms:signingalgorithm": ("SigningAlgorithm",),
    "kms:validto": ("ValidTo",),
    "kms:wrappingalgorithm": ("WrappingAlgorithm",),
    "lambda:codesigningconfigarn": ("CodeSigningConfigArn",),
    "lambda:functionurlauthtype": ("FunctionUrlAuthType", "AuthType"),
    "lambda:layer": ("Layers",),
    "lambda:principal": ("Principal",),
    "lambda:securitygroupids": ("VpcConfig.SecurityGroupIds",),
    "lambda:subnetids": ("VpcConfig.SubnetIds",),
    "rds:backuptarget": ("BackupTarget",),
    "rds:copyoptiongroup": ("CopyOptionGroup",),
    "rds:endpointtype": ("EndpointType",),
    "rds:managemasteruserpassword": ("ManageMasterUserPassword",),
    "rds:publiclyaccessible": ("PubliclyAccessible",),
    "s3:delimiter": ("Delimiter",),
    "s3:if-match": ("IfMatch",),
    "s3:if-none-match": ("IfNoneMatch",),
    "s3:locationconstraint": ("CreateBucketConfiguration.LocationConstraint",),
    "s3:max-keys": ("MaxKeys",),
    "s3:object-lock-legal-hold": ("ObjectLockLegalHoldStatus", "LegalHold.Status"),
    "s3:object-lock-mode": ("ObjectLockMode", "Retention.Mode"),
    "s3:object-lock-retain-until-date": ("ObjectLockRetainUntilDate", "Retention.RetainUntilDate"),
    "s3:prefix": ("Prefix",),
    "s3:versionid": ("VersionId",),
    "s3:x-amz-acl": ("ACL",),
    "s3:x-amz-copy-source": ("CopySource",),
    "s3:x-amz-grant-full-control": ("GrantFullControl",),
    "s3:x-amz-grant-read": ("GrantRead",),
    "s3:x-amz-grant-read-acp": ("GrantReadACP",),
    "s3:x-amz-grant-write": ("GrantWrite",),
    "s3:x-amz-grant-write-acp": ("GrantWriteACP",),
    "s3:x-amz-metadata-directive": ("MetadataDirective",),
    "s3:x-amz-object-ownership": ("ObjectOwnership",),
    "s3:x-amz-server-side-encryption": ("ServerSideEncryption",),
    "s3:x-amz-server-side-encryption-aws-kms-key-id": ("SSEKMSKeyId",),
    "s3:x-amz-server-side-encryption-customer-algorithm": ("SSECustomerAlgorithm",),
    "s3:x-amz-storage-class": ("StorageClass",),
    "s3:x-amz-website-redirect-location": ("WebsiteRedirectLocation",),
    "secretsmanager:addreplicaregions": ("AddReplicaRegions.Region",),
    "secretsmanager:blockpublicpolicy": ("BlockPublicPolicy",),
    "secretsmanager:description": ("Description",),
    "secretsmanager:forcedeletewithoutrecovery": ("ForceDeleteWithoutRecovery",),
    "secretsmanager:forceoverwritereplicasecret": ("ForceOverwriteReplicaSecret",),
    "secretsmanager:kmskeyid": ("KmsKeyId",),
    "secretsmanager:name": ("Name",),
    "secretsmanager:recoverywindowindays": ("RecoveryWindowInDays",),
    "secretsmanager:rotateimmediately": ("RotateImmediately",),
    "secretsmanager:rotationlambdaarn": ("RotationLambdaARN",),
    "secretsmanager:versionid": ("VersionId",),
    "secretsmanager:versionstage": ("VersionStage",),
    "servicequotas:service": ("ServiceCode",),
    "sns:endpoint": ("Endpoint",),
    "sns:protocol": ("Protocol",),
    "ssm:overwrite": ("Overwrite",),
    "ssm:policies": ("Policies",),
    "ssm:recursive": ("Recursive",),
    "sts:durationseconds": ("DurationSeconds",),
    "sts:externalid": ("ExternalId",),
    "sts:rolesessionname": ("RoleSessionName",),
    "sts:sourceidentity": ("SourceIdentity",),
    "sts:transitivetagkeys": ("TransitiveTagKeys",),
}
"""Condition key, in lower case → the members of the request that are its values. A key named as a member needs no line."""


class _Plan(NamedTuple):
    """What is to be asked of a request and its resources for one action on some types of resources."""

    request_tags: tuple[str, ...]
    tag_keys: tuple[str, ...]
    specials: tuple[_Special, ...]
    members: tuple[tuple[str, tuple[str, ...]], ...]
    named: tuple[tuple[str, str], ...]
    """(key, its name without the service), which may be a member."""
    resource_tags: Mapping[str, tuple[str, ...]]
    """Type of resource → what its tags' keys begin with."""
    facts: Mapping[str, tuple[tuple[str, str, str], ...]]
    """Type of resource → (key, fact, member)."""


@functools.lru_cache(maxsize=4096)
def _plan(action: str, kinds: tuple[str, ...]) -> _Plan:
    reference = service_reference.reference(action.partition(":")[0])
    rights = service_reference.action(action)
    own = {key.lower() for key in rights.keys}
    by_kind = {
        kind: own | {key.lower() for key in (*rights.types.get(kind, (False, ()))[1], *reference.resources[kind].keys)}
        for kind in kinds
    }
    every = own.union(*by_kind.values())
    of_facts = {key for key in every if key in _FACTS and _FACTS[key][0] in kinds}
    asked = sorted(every - _OF_THE_RESOURCE - _OF_THE_CONNECTION - of_facts - _OF_THE_REQUEST - _OF_THE_KEYS)
    plain = [key for key in asked if key not in _SPECIAL]
    return _Plan(
        tuple(key.partition("/")[0] for key in sorted(every & _OF_THE_REQUEST)),
        tuple(sorted(every & _OF_THE_KEYS)),
        tuple(dict.fromkeys(_SPECIAL[key] for key in asked if key in _SPECIAL)),
        tuple((key, MEMBERS[key]) for key in plain if key in MEMBERS),
        tuple((key, key.partition(":")[2]) for key in plain if key not in MEMBERS and not key.startswith("aws:")),
        {kind: tuple(key.partition("/")[0] for key in sorted(keys & _OF_THE_RESOURCE)) for kind, keys in by_kind.items()},
        {
            kind: tuple((key, *_FACTS[key][1:]) for key in sorted(keys & _FACTS.keys()) if _FACTS[key][0] == kind)
            for kind, keys in by_kind.items()
        },
    )


def contexts(call: Call, action: str, found: Found) -> Iterator[tuple[tuple[str, ...], Context]]:
    """The resources in groups that have the same values: tags and facts are each resource's own."""
    plan = _plan(action, tuple(found))
    base = _of_request(call, plan)
    groups: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = {}
    for kind, arns in found.items():
        for arn in arns:
            own = _of_resource(call, arn, plan.resource_tags[kind], plan.facts[kind])
            groups.setdefault(tuple(own.items()), []).append(arn)
    for extra, named in groups.items():
        yield tuple(dict.fromkeys(named)), base | dict(extra) if extra else base
    if not groups:
        yield ("*",), base


def of_request(call: Call, name: str) -> Context:
    """What the request says of the condition keys of another action than its own, which it needs besides."""
    return _of_request(call, _plan(name, ()))


def tags_of(call: Call) -> dict[str, str]:
    """The tags that the request carries, under whatever name its API gives them; keys alone have the value ''."""
    found: dict[str, str] = {}
    for name, value in call.parameters.items():
        if _is_tags(name):
            found |= dict(_pairs(value))
    return found


def _of_request(call: Call, plan: _Plan) -> Context:
    found: Context = {}
    if (plan.request_tags or plan.tag_keys) and (tags := tags_of(call)):
        found |= dict.fromkeys(plan.tag_keys, tuple(tags))
        if not _keys_only(call):
            found |= {f"{stem}/{name.lower()}": (value,) for stem in plan.request_tags for name, value in tags.items()}
    for special in plan.specials:
        found |= {key: values for key, values in special(call) if values}
    for key, paths in plan.members:
        if values := _values(call, paths):
            found[key] = values
    lower = {name.lower(): name for name in call.parameters} if plan.named else {}
    for key, name in plan.named:
        if name in lower and (values := _values(call, (lower[name],))):
            found[key] = values
    return found


def _values(call: Call, paths: tuple[str, ...]) -> tuple[str, ...]:
    return texts([value for path in paths for value in call.all(path) if not isinstance(value, Mapping)])


def _of_resource(call: Call, arn: str, stems: tuple[str, ...], facts: tuple[tuple[str, str, str], ...]) -> Context:
    found: Context = {}
    if stems and not arn.endswith("*"):
        tags = call.lookup.tags(arn)
        found |= {f"{stem}/{name.lower()}": (value,) for stem in stems for name, value in sorted(tags.items())}
    if facts:
        known: Mapping[str, str] | None = None
        for key, fact, member in facts:
            value = call.text(member) if member else ""
            if not value:
                known = call.lookup.facts(arn) if known is None else known
                value = known.get(fact, "")
            if value:
                found[key] = tuple(value.split(",")) if fact == "aliases" else (value,)
    return found


_FACTS = {
    "rds:databaseclass": ("db", "class", "DBInstanceClass"),
    "rds:databaseengine": ("db", "engine", "Engine"),
    "rds:databasename": ("db", "database", "DBName"),
    "rds:multiaz": ("db", "multi-az", "MultiAZ"),
    "rds:piops": ("db", "iops", "Iops"),
    "rds:storageencrypted": ("db", "encrypted", "StorageEncrypted"),
    "rds:storagesize": ("db", "storage", "AllocatedStorage"),
    "rds:vpc": ("db", "vpc", ""),
    "kms:keyspec": ("key", "spec", "KeySpec"),
    "kms:keyusage": ("key", "usage", "KeyUsage"),
    "kms:keyorigin": ("key", "origin", "Origin"),
    "kms:multiregion": ("key", "multi-region", "MultiRegion"),
    "kms:resourcealiases": ("key", "aliases", ""),
    "iam:permissionsboundary": ("role", "boundary", "PermissionsBoundary"),
}
"""Key → (type of resource, what AWS knows of it, the member that says it where it is made or changed)."""


# --------------------------------------------------------------------- tags
@functools.lru_cache(maxsize=1024)
def _is_tags(name: str) -> bool:
    low = name.lower()
    return low.endswith(
        ("tags", "taglist", "tagset", "tagging", "tagspecifications", "tagspecification", "tagkeys", "tagkeylist")
    ) and not low.startswith("copy")


def _keys_only(call: Call) -> bool:
    return not any(_is_tags(name) and not name.lower().endswith(("tagkeys", "tagkeylist")) for name in call.parameters)


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    """From a map, a list of pairs, a list of keys, S3's `a=b&c=d` or its TagSet, and EC2's specifications."""
    if isinstance(value, str):
        yield from parse_qsl(value, keep_blank_values=True)
    elif isinstance(value, Mapping):
        if "TagSet" in value:
            yield from _pairs(value["TagSet"])
        else:
            yield from ((str(name), text(each)) for name, each in value.items())
    elif isinstance(value, list):
        for each in value:
            if isinstance(each, str):
                yield each, ""
            elif isinstance(each, Mapping) and "Tags" in each:
                yield from _pairs(each["Tags"])
            elif isinstance(each, Mapping):
                low = {name.lower(): part for name, part in each.items()}
                if key := low.get("key", low.get("tagkey")):
                    yield str(key), text(low.get("value", low.get("tagvalue", "")))


# ------------------------------------------------------------- what is special
def _encryption_context(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    pairs = call.parameters.get("EncryptionContext") or {}
    if call.action == "CreateGrant":
        constraints = call.parameters.get("Constraints") or {}
        pairs = constraints.get("EncryptionContextEquals") or constraints.get("EncryptionContextSubset") or {}
    if isinstance(pairs, Mapping) and pairs:
        yield from encryption_context(pairs).items()


def encryption_context(pairs: Mapping[str, str]) -> Context:
    """The two kinds of keys that a cryptographic call's encryption context gives."""
    own: Context = {f"kms:encryptioncontext:{name.lower()}": (text(value),) for name, value in pairs.items()}
    return own | {"kms:encryptioncontextkeys": tuple(pairs)}


def _grant_constraint(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    constraints = call.parameters.get("Constraints") or {}
    yield "kms:grantconstrainttype", tuple(name for name in constraints if name.startswith("EncryptionContext"))


def _caller_account(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "kms:calleraccount", (call.account,)


def _request_alias(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    name = call.text("KeyId")
    alias = (
        name.partition(":alias/")[2]
        if name.startswith("arn:")
        else name.removeprefix("alias/")
        if name.startswith("alias/")
        else ""
    )
    yield "kms:requestalias", (f"alias/{alias}",) if alias else ()


def _for_aws(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Asked directly, and by no service of AWS on the caller's behalf."""
    if call.action in {"CreateGrant", "ListGrants", "RevokeGrant"}:
        yield "kms:grantisforawsresource", ("false",)


def _message_type(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "kms:messagetype", (call.text("MessageType") or "RAW",)


def _vpcs(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    subnets = [call.arn(f"subnet/{text(name)}", prefix="ec2") for name in call.all("VpcConfig.SubnetIds")]
    yield "lambda:vpcids", tuple(dict.fromkeys(vpc for each in subnets if (vpc := call.lookup.facts(each).get("vpc", ""))))


def _mapped_function(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "lambda:functionarn", tuple(function_arn(call, text(name)) for name in call.all("FunctionName"))


def _qualifier(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    parts = call.text("stateMachineArn").split(":")
    yield "states:statemachinequalifier", tuple(parts[7:8])


def _in_application(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    names = [text(name) for name in call.all("ApplicationName")]
    if not names:
        names = [arn.split("/")[1] for arn in environment_arns(call) if arn.count("/") == 2]
    yield "elasticbeanstalk:inapplication", tuple(dict.fromkeys(call.arn(f"application/{name}") for name in names if name != "*"))


def _from_version(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    application, label = call.text("ApplicationName"), call.text("VersionLabel")
    yield "elasticbeanstalk:fromapplicationversion", (call.arn(f"applicationversion/{application}/{label}"),) if label else ()


def _secret_id(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "secretsmanager:secretid", tuple(secret_arn(call, text(name)) for name in call.all("SecretId"))


def _secret_key(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    name = call.text("KmsKeyId")
    yield "secretsmanager:kmskeyarn", (call.lookup.arn("kms", name, call.region) or name,) if name else ()


def _event_pattern(key: str, *path: str) -> _Special:
    """Of a rule: the values that its pattern asks for, exactly; of events that are put, their own."""

    def found(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
        pattern: Any = {}
        with contextlib.suppress(ValueError):
            pattern = json.loads(call.text("EventPattern") or "{}")
        for name in path:
            pattern = pattern.get(name, {}) if isinstance(pattern, dict) else {}
        asked = tuple(each for each in pattern if isinstance(each, str)) if isinstance(pattern, list) else ()
        yield key, asked or texts([value for member in MEMBERS.get(key, ()) for value in call.all(member)])

    return found


def _records(key: str, member: str) -> _Special:
    """Names are normalised: in lower case, without the last dot. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html"""

    def found(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
        values = [text(value) for value in call.all(f"ChangeBatch.Changes.{member}")]
        yield key, tuple(dict.fromkeys(value.lower().rstrip(".") if member.endswith("Name") else value for value in values))

    return found


def _zone_vpcs(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    vpc, region = call.text("VPC.VPCId"), call.text("VPC.VPCRegion")
    yield "route53:vpcs", (f"VPCId={vpc},VPCRegion={region}",) if vpc else ()


def _create_action(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Of the call that makes what is tagged; a tagging call of its own has none."""
    if call.operation not in {"CreateTags", "AddTags"}:
        yield f"{call.prefix}:createaction", (call.operation,)


def _region(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "ec2:region", (call.region,)


def _resource_account(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "s3:resourceaccount", (call.account,)


def _enclosing(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    if call.operation != call.action and call.operation.startswith(("Transact", "Batch", "Execute")):
        yield "dynamodb:enclosingoperation", (call.operation,)


def _full_scan(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html"""
    yield "dynamodb:fulltablescan", ("false" if " where " in call.text("PartiQL").lower() else "true",)


def _leading_keys(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "dynamodb:leadingkeys", item_context.leading_keys(call, call.lookup.facts(_table_arn(call)).get("partition-key", ""))


def _attributes(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "dynamodb:attributes", item_context.attributes(call)


def _table_arn(call: Call) -> str:
    name = call.text("TableName")
    return name if name.startswith("arn:") else call.arn(f"table/{name}")


def _days_left(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Days that a lock has left: from the clock, which is the embedded AWS's own."""
    until = call.get("ObjectLockRetainUntilDate") or call.get("Retention.RetainUntilDate")
    if isinstance(until, datetime):
        left = until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)
        yield "s3:object-lock-remaining-retention-days", (str(max(0, -(-int(left.total_seconds()) // 86400))),)


def _creates_object(call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html"""
    yield (
        "s3:objectcreationoperation",
        ("true" if call.operation in {"PutObject", "CopyObject", "CompleteMultipartUpload"} else "false",),
    )


_SPECIAL: dict[str, _Special] = {
    "dynamodb:attributes": _attributes,
    "dynamodb:enclosingoperation": _enclosing,
    "dynamodb:fulltablescan": _full_scan,
    "dynamodb:leadingkeys": _leading_keys,
    "ec2:createaction": _create_action,
    "ec2:region": _region,
    "elasticbeanstalk:fromapplicationversion": _from_version,
    "elasticbeanstalk:inapplication": _in_application,
    "elasticloadbalancing:createaction": _create_action,
    "events:detail-type": _event_pattern("events:detail-type", "detail-type"),
    "events:detail.eventtypecode": _event_pattern("events:detail.eventtypecode", "detail", "eventTypeCode"),
    "events:detail.service": _event_pattern("events:detail.service", "detail", "service"),
    "events:source": _event_pattern("events:source", "source"),
    "kms:calleraccount": _caller_account,
    "kms:encryptioncontext:${encryptioncontextkey}": _encryption_context,
    "kms:encryptioncontextkeys": _encryption_context,
    "kms:grantconstrainttype": _grant_constraint,
    "kms:grantisforawsresource": _for_aws,
    "kms:messagetype": _message_type,
    "kms:requestalias": _request_alias,
    "lambda:functionarn": _mapped_function,
    "lambda:vpcids": _vpcs,
    "route53:changeresourcerecordsetsactions": _records("route53:changeresourcerecordsetsactions", "Action"),
    "route53:changeresourcerecordsetsnormalizedrecordnames": _records(
        "route53:changeresourcerecordsetsnormalizedrecordnames", "ResourceRecordSet.Name"
    ),
    "route53:changeresourcerecordsetsrecordtypes": _records(
        "route53:changeresourcerecordsetsrecordtypes", "ResourceRecordSet.Type"
    ),
    "route53:vpcs": _zone_vpcs,
    "s3:object-lock-remaining-retention-days": _days_left,
    "s3:objectcreationoperation": _creates_object,
    "s3:resourceaccount": _resource_account,
    "secretsmanager:kmskeyarn": _secret_key,
    "secretsmanager:secretid": _secret_id,
    "states:statemachinequalifier": _qualifier,
}
"""Condition key, in lower case → where its values come from, where a member's value is not enough."""
