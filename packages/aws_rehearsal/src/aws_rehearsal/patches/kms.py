"""KMS: a key that is disabled or about to be deleted refuses to work; data keys and re-encryption end in the same two calls."""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.kms.models import KmsBackend
from moto.rds.models import rds_backends

from aws_rehearsal.context import current
from aws_rehearsal.dynamodb import encryption
from aws_rehearsal.patches import patch


@patch(KmsBackend, "encrypt", source="bc36789dcd190059", why="stock moto encrypts with a disabled key")
def encrypt(original: Any, backend: Any, key_id: str, *args: Any, **kwargs: Any) -> Any:
    key = backend.keys.get(backend.any_id_to_key_id(key_id))
    if key is not None:  # the original names a missing key
        _refuse_unusable(key)
    return original(backend, key_id, *args, **kwargs)


@patch(KmsBackend, "decrypt", source="52b413fa59da4c0d", why="stock moto decrypts with a disabled key")
def decrypt(original: Any, backend: Any, *args: Any, **kwargs: Any) -> Any:
    plaintext, arn = original(backend, *args, **kwargs)  # only the ciphertext tells which key it is under
    _refuse_unusable(backend.keys[arn.rsplit("/", 1)[-1]])
    return plaintext, arn


def _refuse_unusable(key: Any) -> None:
    if key.key_state == "Disabled":
        raise JsonRESTError("DisabledException", f"{key.arn} is disabled.")
    if key.key_state != "Enabled":
        raise JsonRESTError("KMSInvalidStateException", f"{key.arn} is pending deletion.")


_BY_ARN = "AWS takes a key's ARN here as well; stock moto ends with a KeyError"


@patch(KmsBackend, "enable_key", source="9bfe9d7ee5df4e9d", why=_BY_ARN)
@patch(KmsBackend, "cancel_key_deletion", source="7a719485219b39fa", why=_BY_ARN)
def by_arn(original: Any, backend: Any, key_id: str, *args: Any, **kwargs: Any) -> Any:
    key_id = backend.get_key_id(key_id)
    answer = original(backend, key_id, *args, **kwargs)
    encryption.key_changed(backend.keys[key_id], current().clock)
    return answer


@patch(KmsBackend, "disable_key", source="1ff4941e3a724722", why=_BY_ARN)
@patch(KmsBackend, "schedule_key_deletion", source="1b7e09ff9b7290f1", why=_BY_ARN)
def lost(original: Any, backend: Any, key_id: str, *args: Any, **kwargs: Any) -> Any:
    """And those who use the key notice."""
    key_id = backend.get_key_id(key_id)
    answer = original(backend, key_id, *args, **kwargs)
    key = backend.keys[key_id]
    databases: Any = rds_backends[backend.account_id][backend.region_name]
    databases.key_lost(key.arn)
    encryption.key_changed(key, current().clock)
    return answer
