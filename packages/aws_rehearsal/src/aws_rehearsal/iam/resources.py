"""Resource policies, and grants of keys, as moto and our own services have them now."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.utils import get_backend as lambda_backend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from aws_rehearsal.iam import identities
from aws_rehearsal.iam.documents import document
from aws_rehearsal.iam.evaluation import Policy, is_key
from aws_rehearsal.iam.grants import Grant
from aws_rehearsal.s3 import buckets


class Vaults(Protocol):
    """What is asked of AWS Backup: where a region's vaults are."""

    def books(self, region: str) -> Any: ...


Reader = Callable[[str, str, str], tuple[str, Any] | None]
"""(ARN, its region, its resource part) → ARN of what has the policy, and the policy as it is kept: text, bytes or an object."""
_ASSUMING = frozenset({"AssumeRole", "TagSession", "SetSourceIdentity"})


class Resources:
    """The policies of the resources of one cloud. `vaults` is its AWS Backup; None where there is none."""

    def __init__(self, vaults: Vaults | None = None) -> None:
        self._vaults = vaults
        self._readers: dict[str, Reader] = {
            "backup": self._vault,
            "dynamodb": _table,
            "kms": _key_policy,
            "lambda": _function,
            "s3": _bucket,
            "secretsmanager": _secret,
            "sns": _topic,
            "sqs": _queue,
            "sts": _trust,
        }

    def policy(self, action: str, resource: str) -> Policy | None:
        """The resource policy that an action on a resource is judged by; None where it has none.

        A role's trust policy counts for assuming it, and not for what IAM does with the role.
        """
        read = self._reader(action, resource)
        _, _, _, region, _, rest = resource.split(":", 5) if read else ("",) * 6
        arn, policy = (read and read(resource, region, rest)) or ("", None)
        if not policy:
            return None
        text = policy.decode() if isinstance(policy, bytes) else policy
        return Policy(arn, document(text if isinstance(text, str) else json.dumps(text)))

    def _reader(self, action: str, resource: str) -> Reader | None:
        """How to read the policy of a resource; None where a resource of its kind has none that counts for the action."""
        prefix, _, name = action.partition(":")
        prefix = prefix.lower()
        fields = resource.split(":", 5)
        if len(fields) < 6 or not _exists(fields[3]) or (prefix == "sts" and name not in _ASSUMING):
            return None
        # A recovery point may be named by the ARN of a snapshot: AWS Backup's readers take any service's.
        fits = prefix == "backup" or fields[2] == ("iam" if prefix == "sts" else prefix)
        return self._readers.get(prefix) if fits else None

    def grants(self, resource: str) -> tuple[Grant, ...]:
        """The grants of a key, as moto keeps them; none of other resources."""
        key = _key(resource) if is_key(resource) and _exists(resource.split(":", 5)[3]) else None
        return tuple(_grant(each) for each in list(key.grants.values())) if key is not None and key.grants else ()

    def _vault(self, resource: str, region: str, rest: str) -> tuple[str, Any] | None:
        """A vault's access policy, which counts for the recovery points in it as well.

        A recovery point's ARN is AWS Backup's or the service's own (`arn:aws:rds:…:snapshot:awsbackup:…`).
        """
        if self._vaults is None or not region:
            return None
        vaults = self._vaults.books(region).vaults
        if rest.startswith("backup-vault:"):
            vault = vaults.get(rest.partition(":")[2])
        else:
            vault = next((each for each in list(vaults.values()) if resource in each.points), None)
        return (vault.backup_vault_arn, vault.access_policy) if vault is not None else None


def _exists(region: str) -> bool:
    """Whether an ARN names a region that there is, or none. A call may ask for a whole kind of resources: `arn:aws:kms:*:…`."""
    return not region or region in kms_backends[DEFAULT_ACCOUNT_ID].regions


def _account(resource: str) -> str:
    return resource.split(":", 5)[4] or DEFAULT_ACCOUNT_ID


def _bucket(_resource: str, _region: str, rest: str) -> tuple[str, Any] | None:
    name = rest.partition("/")[0]
    bucket = buckets.find(name)
    return (f"arn:aws:s3:::{name}", bucket.policy) if bucket is not None else None


def _table(resource: str, region: str, rest: str) -> tuple[str, Any] | None:
    """Of the table, whose indexes are under the same policy; a stream has one of its own."""
    kind, _, name = rest.partition("/")
    if kind != "table":
        return None
    account, (table, _, part) = _account(resource), name.partition("/")
    arn = resource if part.startswith("stream/") else f"arn:aws:dynamodb:{region}:{account}:table/{table}"
    found = dynamodb_backends[account][region].resource_policies.get(arn)
    return (arn, found.policy_doc) if found is not None else None


def _key(resource: str) -> Any:
    fields = resource.split(":", 5)
    return kms_backends[_account(resource)][fields[3]].keys.get(fields[5].partition("/")[2])


def _key_policy(resource: str, _region: str, _rest: str) -> tuple[str, Any] | None:
    """A key that is not there is judged by the default policy: KMS itself tells whoever may ask that it is not there."""
    if not is_key(resource):
        return None
    key = _key(resource)
    return resource, key.policy if key is not None else _of_the_account(_account(resource))


def _of_the_account(account: str) -> dict[str, Any]:
    """KMS Developer Guide, "Default key policy"."""
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [root]}


def _grant(grant: Any) -> Grant:
    constraints = grant.constraints or {}
    return Grant(
        id=grant.id,
        grantee=grant.grantee_principal,
        operations=frozenset(grant.operations or ()),
        equals=constraints.get("EncryptionContextEquals", {}),
        subset=constraints.get("EncryptionContextSubset", {}),
        retiring=grant.retiring_principal or "",
    )


def _function(resource: str, region: str, rest: str) -> tuple[str, Any] | None:
    kind, _, name = rest.partition(":")
    if kind != "function":
        return None
    try:
        function = lambda_backend(_account(resource), region).get_function(name.partition(":")[0])
    except UnknownFunctionException:
        return None
    if not function.policy.statements:
        return None
    statements = [_as_aws_keeps_it(each) for each in list(function.policy.statements)]
    return function.function_arn, {"Version": "2012-10-17", "Statement": statements}


def _as_aws_keeps_it(statement: Mapping[str, Any]) -> dict[str, Any]:
    """Moto leaves an account or an ARN that AddPermission names as it was given, and AWS makes a principal of it."""
    principal = statement.get("Principal")
    if isinstance(principal, str) and principal != "*":
        return {**statement, "Principal": {"AWS": principal}}
    return dict(statement)


def _secret(resource: str, region: str, _rest: str) -> tuple[str, Any] | None:
    secret = secretsmanager_backends[_account(resource)][region].secrets.get(resource)
    return (secret.arn, getattr(secret, "policy", None)) if secret is not None else None


def _topic(resource: str, region: str, rest: str) -> tuple[str, Any] | None:
    """Of the topic, for its subscriptions too."""
    arn = f"arn:aws:sns:{region}:{_account(resource)}:{rest.partition(':')[0]}"
    topic = sns_backends[_account(resource)][region].topics.get(arn)
    return (arn, topic.policy) if topic is not None else None


def _queue(resource: str, region: str, rest: str) -> tuple[str, Any] | None:
    queue = sqs_backends[_account(resource)][region].queues.get(rest)
    return (resource, queue.policy) if queue is not None else None


def _trust(resource: str, _region: str, rest: str) -> tuple[str, Any] | None:
    role = identities.role(resource) if rest.startswith("role/") else None
    return (resource, role.assume_role_policy_document) if role is not None else None
