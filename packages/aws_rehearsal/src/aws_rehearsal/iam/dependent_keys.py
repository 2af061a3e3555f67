"""KMS in the caller's name: what a service asks of a customer managed key when it stores or reads for someone.

The service calls KMS with a forward access session: the caller is judged, with `kms:ViaService`. Keys that AWS owns or manages
need nothing of the caller (`Lookup.key`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from aws_rehearsal.iam.call import Call, region_of, text
from aws_rehearsal.iam.call_context import Context, encryption_context
from aws_rehearsal.iam.call_resources import key_arn, secret_arn
from aws_rehearsal.iam.need import Need

Rule = Callable[[Call], Iterator[Need]]

S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"
MULTIPART = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions"
SNS = "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"
SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"
SECRETS = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"
DYNAMODB = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"
VAULT = "https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html"
PARAMETER = "https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html"
LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html"
STATES = "https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html"


def via(
    call: Call,
    actions: Iterable[str],
    key: str,
    source: str,
    *,
    service: str = "",
    pairs: Mapping[str, str] | None = None,
) -> Iterator[Need]:
    """The actions on a key, through a service in the key's region. Grants are for AWS's use; other actions have no such key."""
    if not key:
        return
    context: Context = {
        "kms:viaservice": (f"{service or call.prefix}.{region_of(key) or call.region}.amazonaws.com",),
        "kms:calleraccount": (call.account,),
    }
    for action in actions:
        own = context | (encryption_context(pairs) if pairs and action != "DescribeKey" else {})
        if action in {"CreateGrant", "RetireGrant"}:
            own["kms:grantisforawsresource"] = ("true",)
        yield Need(f"kms:{action}", (key,), own, source)


def resolved(call: Call, member: str, region: str = "") -> str:
    """The key that a member names; empty where it names none, or one that AWS manages."""
    return resolved_name(call, call.text(member), region)


def resolved_name(call: Call, name: str, region: str = "") -> str:
    if not name or name.removeprefix("arn:").partition("alias/aws/")[1]:
        return ""
    arn = call.lookup.arn("kms", name, region or call.region) or key_arn(call, name)
    return arn if call.lookup.facts(arn).get("manager") != "AWS" else ""


# ----------------------------------------------------------------------- S3
def _object_arn(bucket: str, key: str) -> str:
    return f"arn:aws:s3:::{bucket}/{key}"


def _context_of_object(call: Call, bucket: str, key: str) -> dict[str, str]:
    """The bucket's ARN where it has a bucket key, the object's otherwise."""
    name = f"arn:aws:s3:::{bucket}"
    return {"aws:s3:arn": name if call.lookup.facts(name).get("bucket-key") == "true" else f"{name}/{key}"}


def _put(actions: tuple[str, ...], source: str) -> Rule:
    def rule(call: Call) -> Iterator[Need]:
        bucket, name = call.text("Bucket"), call.text("Key")
        asked = call.text("ServerSideEncryption")
        if asked == "AES256":
            return
        key = resolved(call, "SSEKMSKeyId") or ("" if call.get("SSEKMSKeyId") else call.lookup.key(f"arn:aws:s3:::{bucket}"))
        yield from via(call, actions, key, source, pairs=_context_of_object(call, bucket, name))

    return rule


def _get(call: Call) -> Iterator[Need]:
    bucket, name = call.text("Bucket"), call.text("Key")
    key = call.lookup.key(_object_arn(bucket, name))
    yield from via(call, ("Decrypt",), key, S3, pairs=_context_of_object(call, bucket, name))


def _copy(call: Call) -> Iterator[Need]:
    path = call.text("CopySource").removeprefix("/").partition("?")[0]
    bucket, _, name = path.partition("/")
    key = call.lookup.key(_object_arn(bucket, name))
    yield from via(call, ("Decrypt",), key, S3, pairs=_context_of_object(call, bucket, name))
    yield from _put(("GenerateDataKey",), S3)(call)


# ------------------------------------------------------- topics, queues, secrets
def _publish(call: Call) -> Iterator[Need]:
    arn = call.text("TopicArn") or call.text("TargetArn")
    yield from via(call, ("GenerateDataKey", "Decrypt"), call.lookup.key(arn), SNS, pairs={"aws:sns:topicArn": arn})


def _queue_arn(call: Call) -> str:
    return call.arn(call.text("QueueUrl").rstrip("/").rsplit("/", 1)[-1])


def _queue(*actions: str) -> Rule:
    def rule(call: Call) -> Iterator[Need]:
        arn = _queue_arn(call)
        yield from via(call, actions, call.lookup.key(arn), SQS, pairs={"aws:sqs:arn": arn})

    return rule


def _secret_read(call: Call) -> Iterator[Need]:
    for member in ("SecretId", "SecretIdList"):
        for name in call.all(member):
            arn = secret_arn(call, text(name))
            yield from via(call, ("Decrypt",), call.lookup.key(arn), SECRETS, pairs={"SecretARN": arn})


def _secret_written(call: Call) -> Iterator[Need]:
    """Also in each region that it is replicated to, with that region's key."""
    arn = secret_arn(call, call.text("SecretId") or call.text("Name"))
    key = resolved(call, "KmsKeyId") or ("" if call.get("KmsKeyId") else call.lookup.key(arn))
    yield from via(call, ("GenerateDataKey", "Decrypt"), key, SECRETS, pairs={"SecretARN": arn})
    for replica in call.all("AddReplicaRegions"):
        if name := text(replica.get("KmsKeyId") or ""):
            region = text(replica.get("Region"))
            twin = arn.replace(f":{call.region}:", f":{region}:", 1)
            yield from via(
                call, ("GenerateDataKey", "Decrypt"), resolved_name(call, name, region), SECRETS, pairs={"SecretARN": twin}
            )


# ---------------------------------------------------------------------- tables
def _table_arn(call: Call, name: str) -> str:
    return name if name.startswith("arn:") else call.arn(f"table/{name}")


def _items(call: Call) -> Iterator[Need]:
    names = [text(name) for name in call.all("TableName")]
    names += [text(name) for name in call.parameters.get("RequestItems") or {}]
    names += [text(part["TableName"]) for item in call.all("TransactItems") for part in item.values() if part.get("TableName")]
    for name in dict.fromkeys(names):
        arn = _table_arn(call, name)
        pairs = {"aws:dynamodb:tableName": arn.rsplit("/", 1)[-1], "aws:dynamodb:subscriberId": call.account}
        yield from via(call, ("Decrypt",), call.lookup.key(arn), DYNAMODB, pairs=pairs)


def _table_made(call: Call) -> Iterator[Need]:
    """The new table's key; of a restore, the source's where the request names none."""
    key = resolved(call, "SSESpecification.KMSMasterKeyId") or resolved(call, "SSESpecificationOverride.KMSMasterKeyId")
    if not key and call.operation.startswith("Restore"):
        source = call.text("SourceTableArn") or call.text("SourceTableName")
        backup = call.text("BackupArn").partition("/backup/")[0]
        key = call.lookup.key(_table_arn(call, source) if source else backup)
    name = call.text("TableName") or call.text("TargetTableName")
    pairs = {"aws:dynamodb:tableName": name.rsplit("/", 1)[-1], "aws:dynamodb:subscriberId": call.account}
    actions = ("DescribeKey", "CreateGrant") + (("Decrypt", "GenerateDataKey") if call.operation.startswith("Restore") else ())
    yield from via(call, actions, key, DYNAMODB, pairs=pairs)
    for update in call.all("ReplicaUpdates"):
        created = update.get("Create") or update.get("Update") or {}
        if name := text(created.get("KMSMasterKeyId") or ""):
            region = text(created.get("RegionName"))
            yield from via(call, ("DescribeKey", "CreateGrant"), resolved_name(call, name, region), DYNAMODB, pairs=pairs)


# -------------------------------------------------------- vaults and the others
def _vault_made(call: Call) -> Iterator[Need]:
    """`backup-storage:MountCapsule` whatever the key: it binds the key to the vault, also AWS's own."""
    yield Need("backup-storage:MountCapsule", ("*",), {}, VAULT)
    arn = call.arn(f"backup-vault:{call.text('BackupVaultName')}")
    actions = ("CreateGrant", "DescribeKey", "RetireGrant", "Decrypt", "GenerateDataKey")
    yield from via(call, actions, resolved(call, "EncryptionKeyArn"), VAULT, pairs={"aws:backup:backup-vault": arn})


def _parameter_read(call: Call) -> Iterator[Need]:
    if not call.get("WithDecryption"):
        return
    for member in ("Name", "Names"):
        for name in call.all(member):
            plain = text(name)
            arn = plain if plain.startswith("arn:") else call.arn(f"parameter/{plain.removeprefix('/').partition(':')[0]}")
            yield from via(call, ("Decrypt",), call.lookup.key(arn), PARAMETER, pairs={"PARAMETER_ARN": arn})


def _parameter_written(call: Call) -> Iterator[Need]:
    if call.text("Type") != "SecureString":
        return
    arn = call.arn(f"parameter/{call.text('Name').removeprefix('/')}")
    advanced = call.text("Tier") == "Advanced" or len(call.text("Value").encode()) > 4096
    yield from via(
        call, ("GenerateDataKey" if advanced else "Encrypt",), resolved(call, "KeyId"), PARAMETER, pairs={"PARAMETER_ARN": arn}
    )


def _function_environment(call: Call) -> Iterator[Need]:
    if call.get("KMSKeyArn"):
        yield from via(call, ("CreateGrant", "Encrypt"), resolved(call, "KMSKeyArn"), LAMBDA)


def _state_machine(call: Call) -> Iterator[Need]:
    key = resolved(call, "encryptionConfiguration.kmsKeyId")
    arn = call.text("stateMachineArn") or call.arn(f"stateMachine:{call.text('name')}")
    yield from via(call, ("DescribeKey", "GenerateDataKey"), key, STATES, pairs={"aws:states:stateMachineArn": arn})


_ITEMS: dict[str, tuple[Rule, ...]] = {
    f"dynamodb:{operation}": (_items,)
    for operation in (
        "BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "TransactGetItems",
        "TransactWriteItems", "UpdateItem",
    )
}  # fmt: skip

RULES: dict[str, tuple[Rule, ...]] = {
    **_ITEMS,
    "backup:CreateBackupVault": (_vault_made,),
    "backup:CreateLogicallyAirGappedBackupVault": (_vault_made,),
    "dynamodb:CreateTable": (_table_made,),
    "dynamodb:RestoreTableFromBackup": (_table_made,),
    "dynamodb:RestoreTableToPointInTime": (_table_made,),
    "dynamodb:UpdateTable": (_table_made,),
    "lambda:CreateFunction": (_function_environment,),
    "lambda:UpdateFunctionConfiguration": (_function_environment,),
    "s3:CompleteMultipartUpload": (_put(("Decrypt",), MULTIPART),),
    "s3:CopyObject": (_copy,),
    "s3:CreateMultipartUpload": (_put(("GenerateDataKey",), MULTIPART),),
    "s3:GetObject": (_get,),
    "s3:HeadObject": (_get,),
    "s3:PutObject": (_put(("GenerateDataKey",), S3),),
    "s3:SelectObjectContent": (_get,),
    "s3:UploadPart": (_put(("GenerateDataKey", "Decrypt"), MULTIPART),),
    "s3:UploadPartCopy": (_copy,),
    "secretsmanager:BatchGetSecretValue": (_secret_read,),
    "secretsmanager:CreateSecret": (_secret_written,),
    "secretsmanager:GetSecretValue": (_secret_read,),
    "secretsmanager:PutSecretValue": (_secret_written,),
    "secretsmanager:ReplicateSecretToRegions": (_secret_written,),
    "secretsmanager:UpdateSecret": (_secret_written,),
    "sns:Publish": (_publish,),
    "sns:PublishBatch": (_publish,),
    "sqs:ReceiveMessage": (_queue("Decrypt"),),
    "sqs:SendMessage": (_queue("GenerateDataKey", "Decrypt"),),
    "sqs:SendMessageBatch": (_queue("GenerateDataKey", "Decrypt"),),
    "ssm:GetParameter": (_parameter_read,),
    "ssm:GetParameters": (_parameter_read,),
    "ssm:PutParameter": (_parameter_written,),
    "states:CreateStateMachine": (_state_machine,),
    "states:UpdateStateMachine": (_state_machine,),
}
