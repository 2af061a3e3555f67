"""Secrets Manager: moto's, with the one operation a failover needs and moto has not: StopReplicationToReplica.

moto's replicas are readable, in step, and hold on to the secret they replicate, so they outlive its region. They are also
read-only, as on AWS, until they are promoted; that is added here. Nothing is replaced for it, so nothing is undone.

A secret under a key that cannot be used is neither written (EncryptionFailure) nor read (DecryptionFailure: API_GetSecretValue).
"""

from __future__ import annotations

import copy
import json
from typing import Any

from moto.secretsmanager.exceptions import InvalidRequestException, SecretsManagerClientError
from moto.secretsmanager.models import ReplicaSecret, SecretsManagerBackend
from moto.secretsmanager.responses import SecretsManagerResponse

from aws_rehearsal import keys
from aws_rehearsal.patches import patch


def stop_replication_to_replica(handler: Any) -> str:
    """Promote a replica to a secret of its own, under the ARN it had."""
    backend = handler.backend
    replica = backend.describe_secret(handler._get_param("SecretId"))  # noqa: SLF001  as moto's own operations do
    if not isinstance(replica, ReplicaSecret):
        raise InvalidRequestException(f"{replica.name} is not a replica.")
    source = replica.source
    secret = copy.copy(source)
    secret.arn, secret.region, secret.replicas = replica.arn, replica.region, []
    secret.versions = copy.deepcopy(source.versions)
    source.replicas.remove(replica)
    dict.pop(backend.secrets, replica.arn)  # moto keeps replicas by ARN, secrets by name
    backend.secrets[secret.name] = secret
    return json.dumps({"ARN": secret.arn})


# moto finds an operation by the name of its handler's method.
SecretsManagerResponse.stop_replication_to_replica = stop_replication_to_replica

_WHY = "stock moto works with a disabled key"


@patch(SecretsManagerBackend, "_add_secret", source="d00402c17274967e", why=_WHY)
def add_secret(original: Any, backend: Any, secret_id: str, *args: Any, **kwargs: Any) -> Any:
    """CreateSecret, PutSecretValue and UpdateSecret end here."""
    found = backend.secrets.get(secret_id)
    _check(backend, kwargs.get("kms_key_id") or _key_of(found), "EncryptionFailure", "encrypt")
    return original(backend, secret_id, *args, **kwargs)


@patch(SecretsManagerBackend, "get_secret_value", source="0e8d6dd1c2a3ff5c", why=_WHY)
def get_secret_value(original: Any, backend: Any, secret_id: str, *args: Any, **kwargs: Any) -> Any:
    value = original(backend, secret_id, *args, **kwargs)
    _check(backend, _key_of(backend.secrets[secret_id]), "DecryptionFailure", "decrypt")
    return value


def _key_of(secret: Any) -> str | None:
    if isinstance(secret, ReplicaSecret):
        return str(secret.config["KmsKeyId"])
    found: str | None = secret.kms_key_id if secret is not None else None
    return found


def _check(backend: Any, reference: str | None, code: str, verb: str) -> None:
    if keys.unusable(reference, backend.account_id, backend.region_name):
        said = f"Secrets Manager can't {verb} the protected secret text using the provided KMS key."
        raise SecretsManagerClientError(code, said)
