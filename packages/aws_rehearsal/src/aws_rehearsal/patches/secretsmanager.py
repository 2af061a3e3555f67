"""Secrets Manager: moto's, with the one operation a failover needs and moto has not: StopReplicationToReplica.

moto's replicas are readable, in step, and hold on to the secret they replicate, so they outlive its region. They are also
read-only, as on AWS, until they are promoted; that is added here. Nothing is replaced, so nothing is undone.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import ReplicaSecret
from moto.secretsmanager.responses import SecretsManagerResponse


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
