"""Secrets Manager: moto's, with the one operation a failover needs and moto has not: StopReplicationToReplica.

moto's replicas are readable, in step, and hold on to the secret they replicate, so they outlive its region. They are also
read-only, as on AWS, until they are promoted; that is added here.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import ReplicaSecret
from moto.secretsmanager.responses import SecretsManagerResponse

if TYPE_CHECKING:
    from rehearsal.cloud.cloud import Cloud


def install(cloud: Cloud) -> None:
    """An added method, not a patch: moto finds operations by the names of its handler's methods."""
    SecretsManagerResponse.stop_replication_to_replica = _stop_replication_to_replica
    cloud.closing.append(lambda: delattr(SecretsManagerResponse, "stop_replication_to_replica"))


def _stop_replication_to_replica(handler: Any) -> str:
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
