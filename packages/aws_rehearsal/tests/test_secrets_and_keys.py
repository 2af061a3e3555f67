"""Secrets outlive their primary region, and a disabled key does not work."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud

PRIMARY, RECOVERY = "ap-southeast-1", "ap-southeast-2"


@pytest.fixture
def replicated(cloud: Cloud) -> Cloud:
    here = cloud.client("secretsmanager", PRIMARY)
    here.create_secret(Name="bank/master", SecretString="first", AddReplicaRegions=[{"Region": RECOVERY}])
    return cloud


def value(cloud: Cloud, region: str) -> str:
    text: str = cloud.client("secretsmanager", region).get_secret_value(SecretId="bank/master")["SecretString"]
    return text


def test_a_replica_keeps_in_step_and_survives_its_primary(replicated: Cloud) -> None:
    assert value(replicated, RECOVERY) == "first"
    replicated.client("secretsmanager", PRIMARY).put_secret_value(SecretId="bank/master", SecretString="second")
    assert value(replicated, RECOVERY) == "second"
    replicated.lose_region(PRIMARY)
    assert value(replicated, RECOVERY) == "second"
    replicated.gateway.lost_regions.clear()  # look behind the closed door
    with pytest.raises(ClientError, match="ResourceNotFound"):
        value(replicated, PRIMARY)


def test_a_secret_can_be_replicated_later(cloud: Cloud) -> None:
    here = cloud.client("secretsmanager", PRIMARY)
    here.create_secret(Name="bank/master", SecretString="first")
    here.replicate_secret_to_regions(SecretId="bank/master", AddReplicaRegions=[{"Region": RECOVERY}])
    assert value(cloud, RECOVERY) == "first"


def test_a_replica_is_read_only_until_it_is_promoted(replicated: Cloud) -> None:
    there = replicated.client("secretsmanager", RECOVERY)
    arn = there.describe_secret(SecretId="bank/master")["ARN"]
    with pytest.raises(ClientError, match="replica"):
        there.put_secret_value(SecretId="bank/master", SecretString="ours")
    replicated.lose_region(PRIMARY)
    assert there.stop_replication_to_replica(SecretId="bank/master")["ARN"] == arn
    there.put_secret_value(SecretId="bank/master", SecretString="ours")
    assert value(replicated, RECOVERY) == "ours"


def test_a_promoted_replica_no_longer_follows(replicated: Cloud) -> None:
    replicated.client("secretsmanager", RECOVERY).stop_replication_to_replica(SecretId="bank/master")
    here = replicated.client("secretsmanager", PRIMARY)
    here.put_secret_value(SecretId="bank/master", SecretString="second")
    assert value(replicated, RECOVERY) == "first"
    assert "ReplicationStatus" not in here.describe_secret(SecretId="bank/master")


def test_only_a_replica_can_be_promoted(replicated: Cloud) -> None:
    with pytest.raises(ClientError, match="not a replica") as refused:
        replicated.client("secretsmanager", PRIMARY).stop_replication_to_replica(SecretId="bank/master")
    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"


@pytest.mark.parametrize(
    ("operation", "arguments", "code"),
    [
        ("disable_key", {}, "DisabledException"),
        ("schedule_key_deletion", {"PendingWindowInDays": 7}, "KMSInvalidStateException"),
    ],
)
def test_an_unusable_key_neither_encrypts_nor_decrypts(
    cloud: Cloud, operation: str, arguments: dict[str, int], code: str
) -> None:
    kms = cloud.client("kms", PRIMARY)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"balance")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"balance"
    getattr(kms, operation)(KeyId=key, **arguments)
    for call in ("encrypt", "generate_data_key", "decrypt"):
        request = {
            "encrypt": {"KeyId": key, "Plaintext": b"1"},
            "generate_data_key": {"KeyId": key, "KeySpec": "AES_256"},
            "decrypt": {"CiphertextBlob": sealed},
        }[call]
        with pytest.raises(ClientError) as refused:
            getattr(kms, call)(**request)
        assert refused.value.response["Error"]["Code"] == code


def test_an_enabled_key_works_again(cloud: Cloud) -> None:
    kms = cloud.client("kms", PRIMARY)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"balance")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"balance"
