"""What functions are allowed, in the words of this project: each statement names its actions and its resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_iam import Policy, PolicyStatement, Role
from constructs import IConstruct

from components.acknowledge import INLINE_POLICY, acknowledge, acknowledge_every_wildcard, acknowledge_wildcards, wanted
from strategy.catalogue import names


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a statement of a construct's policy is on more than one resource."""

    construct: IConstruct
    """Whose policy it is, or an ancestor of that."""
    actions: tuple[str, ...]
    resources: tuple[Any, ...]
    """Those with a wildcard, as the statement has them: a token where CloudFormation fills something in."""
    because: str


_GATHERED: ContextVar[list[Reason] | None] = ContextVar("gathered", default=None)


@contextmanager
def reasons() -> Iterator[list[Reason]]:
    """What is built inside says here why its statements have wildcards."""
    found: list[Reason] = []
    token = _GATHERED.set(found)
    try:
        yield found
    finally:
        _GATHERED.reset(token)


def listened() -> bool:
    """Whether anybody takes reasons; for a caller to whom finding the construct costs a call of the CDK."""
    return wanted() or _GATHERED.get() is not None


def give_reason(construct: IConstruct, actions: Sequence[str], resources: Sequence[str], because: str) -> None:
    """Beside the grant: to the policy checks, and to whoever gathers `reasons`."""
    wild = tuple(each for each in resources if "*" in each or "?" in each)
    if not wild:
        return
    _keep(Reason(construct, tuple(actions), wild, because))
    acknowledge_wildcards(construct, dict.fromkeys((each for each in wild if "*" in each), because))


def give_reason_for_all(policy: Policy, because: str) -> None:
    """Of a policy that a library made: whatever in it is on more than one resource, for one reason."""
    if not listened():
        return
    for statement in Stack.of(policy).resolve(policy.document)["Statement"]:
        actions, resources = (each if isinstance(each, list) else [each] for each in (statement["Action"], statement["Resource"]))
        _keep(Reason(policy, tuple(actions), tuple(resources), because))
    acknowledge_every_wildcard(policy, because)


def _keep(reason: Reason) -> None:
    if (gathered := _GATHERED.get()) is not None:
        gathered.append(reason)


class WildcardStatement(PolicyStatement):
    """A statement with a resource that is, or ends in, a wildcard, and the sentence that says why it must."""

    def __init__(self, *, because: str, resources: list[str], **properties: Any) -> None:
        super().__init__(resources=resources, **properties)
        self.granted, self.named, self.because = tuple(properties["actions"]), tuple(resources), because


def allow(role: Role, statements: Iterable[PolicyStatement]) -> None:
    """Gives the role a policy of these statements, their reasons included."""
    acknowledge(role, INLINE_POLICY)
    for statement in statements:
        role.add_to_policy(statement)
        excuse(role, statement)


def excuse(construct: IConstruct, statement: PolicyStatement) -> None:
    """Says beside the construct, whose policy has the statement, why it has wildcards."""
    if isinstance(statement, WildcardStatement):
        give_reason(construct, statement.granted, statement.named, statement.because)


def connect_as_verifier(region: str, account: str) -> PolicyStatement:
    return WildcardStatement(
        actions=["rds-db:connect"],
        resources=[f"arn:aws:rds-db:{region}:{account}:dbuser:*/{names.VERIFIER}"],
        because="Any instance of the region: the resource id in this ARN changes with every restore",
    )


def database_login() -> dict[str, str]:
    """The environment that goes with `connect_as_verifier`; the authorities of RDS come with the bundle
    (`deployment/bundle.py`).
    """
    return {"DATABASE_USER": names.VERIFIER, "DATABASE_CA_BUNDLE": "/var/task/rds-ca.pem"}


def read_table(table_arn: str, *, because: str = "") -> PolicyStatement:
    """Its items, and every setting that a restore may lose. `because` says why the ARN has a wildcard, where it ends in one."""
    return WildcardStatement(
        actions=[
            "dynamodb:DescribeContinuousBackups",
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:Scan",
        ],
        resources=[table_arn],
        because=because,
    )


def write_evidence(bucket: str, folder: str) -> PolicyStatement:
    return WildcardStatement(
        actions=["s3:PutObject"],
        resources=[f"arn:aws:s3:::{bucket}/{folder}/*"],
        because="Every object of one folder: its name says what it is evidence of",
    )


def measure_in_pieces(bucket: str) -> PolicyStatement:
    """To keep what each piece of a store holds, and to add the pieces up."""
    return WildcardStatement(
        actions=["s3:GetObject", "s3:PutObject"],
        resources=[f"arn:aws:s3:::{bucket}/{names.MEASUREMENTS}/*"],
        because="Every object of one folder: each measurement has a name of its own, made when it begins",
    )


def read_evidence(bucket: str, folder: str, *, absent: bool = False) -> list[PolicyStatement]:
    """List and read one folder. `absent`: also by a name that may not be there, see `notice_absent`."""
    return [
        WildcardStatement(
            actions=["s3:GetObject"],
            resources=[f"arn:aws:s3:::{bucket}/{folder}/*"],
            because="Every object of one folder: which ones are there is not known before",
        ),
        notice_absent(bucket) if absent else list_evidence(bucket, folder),
    ]


def read_records(bucket: str, folders: Iterable[str], *, versions: bool = False, absent: bool = False) -> list[PolicyStatement]:
    """List and read several folders, with old versions if asked. Two statements for all: a policy has a limit. `absent`: also by
    a name that may not be there, see `notice_absent`; not with `versions`.
    """
    kinds = sorted(set(folders))
    listing = PolicyStatement(
        actions=["s3:ListBucket", *(["s3:ListBucketVersions"] if versions else [])],
        resources=[f"arn:aws:s3:::{bucket}"],
        conditions={"StringLike": {"s3:prefix": [f"{folder}/*" for folder in kinds]}},
    )
    return [
        WildcardStatement(
            actions=["s3:GetObject", *(["s3:GetObjectVersion"] if versions else [])],
            resources=[f"arn:aws:s3:::{bucket}/{folder}/*" for folder in kinds],
            because="Every object of the folder: records are named for what they are of",
        ),
        notice_absent(bucket) if absent else listing,
    ]


def read_manifests(bucket: str) -> list[PolicyStatement]:
    """Manifests, their signatures, and the keys to check them with: any of which may be absent."""
    return [*read_evidence(bucket, names.MANIFESTS, absent=True), read_public_keys(bucket)]


def read_public_keys(bucket: str) -> PolicyStatement:
    """This region's, and the one that is replicated to here."""
    return WildcardStatement(
        actions=["s3:GetObject"],
        resources=[f"arn:aws:s3:::{bucket}/{names.CHAIN}/*/public-key.pem"],
        because="A manifest is signed in the region of its store, and each region's key lies in a folder of its name",
    )


def notice_absent(bucket: str) -> PolicyStatement:
    """To tell what is not there from what may not be read: without `s3:ListBucket`, S3 answers 403 for a key that does not exist.

    Without a condition on `s3:prefix`: GetObject sends none, so that a grant with one does not count (Amazon S3 API reference,
    GetObject, Permissions). It shows the names of objects, and not what is in them.
    """
    return PolicyStatement(actions=["s3:ListBucket"], resources=[f"arn:aws:s3:::{bucket}"])


def use_keys(service: str, region: str, account: str) -> list[PolicyStatement]:
    """What RDS does with a customer-managed key in the name of whoever has it restore, create or change an instance.

    `service` is the first label of the service's host: `rds`. Which key is known with the store: an instance keeps the key of
    what it is restored from. The two are apart, as `kms:GrantIsForAWSResource` exists for the first alone (Amazon RDS User Guide,
    "Authorizing use of a customer managed key"; AWS KMS Developer Guide, condition keys).
    """
    keys = [f"arn:aws:kms:{region}:{account}:key/*"]
    because = "Any key of the region: which one encrypts an instance is known with the plan"
    return [
        WildcardStatement(
            actions=["kms:CreateGrant"],
            resources=keys,
            conditions={
                "StringEquals": {"kms:ViaService": f"{service}.{region}.amazonaws.com"},
                "Bool": {"kms:GrantIsForAWSResource": "true"},
            },
            because=because,
        ),
        WildcardStatement(actions=["kms:DescribeKey"], resources=keys, because=because),
    ]


def use_table_keys(region: str, account: str) -> list[PolicyStatement]:
    """What DynamoDB does with a table's customer-managed key in the name of whoever restores the table or changes its encryption
    (Amazon DynamoDB Developer Guide, "DynamoDB encryption at rest: usage notes").
    """
    keys = [f"arn:aws:kms:{region}:{account}:key/*"]
    through = {"StringEquals": {"kms:ViaService": f"dynamodb.{region}.amazonaws.com"}}
    because = "Any key of the region, through DynamoDB alone: which one encrypts a table of somebody else's is theirs to choose"
    grant = {**through, "Bool": {"kms:GrantIsForAWSResource": "true"}}
    return [
        WildcardStatement(actions=["kms:CreateGrant"], resources=keys, conditions=grant, because=because),
        WildcardStatement(
            actions=[
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ],
            resources=keys,
            conditions=through,
            because=because,
        ),
    ]


def list_evidence(bucket: str, folder: str) -> PolicyStatement:
    """Which objects one folder has."""
    return PolicyStatement(
        actions=["s3:ListBucket"],
        resources=[f"arn:aws:s3:::{bucket}"],
        conditions={"StringLike": {"s3:prefix": f"{folder}/*"}},
    )
