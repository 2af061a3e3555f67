"""Parameter Store: a SecureString is neither written nor decrypted under a key that cannot be used.

API_PutParameter and API_GetParameter: InvalidKeyId.
"""

# ruff: noqa: PLR0917  replacements of private methods have those methods' signatures
from __future__ import annotations

from typing import Any

from moto.ssm.exceptions import SSMException
from moto.ssm.models import SimpleSystemManagerBackend
from moto.ssm.responses import SimpleSystemManagerResponse

from aws_rehearsal import keys
from aws_rehearsal.patches import patch

_WHY = "stock moto decrypts under a disabled key"


@patch(SimpleSystemManagerBackend, "put_parameter", source="b5187c4ae98f9b36", why="stock moto encrypts under a disabled key")
def put_parameter(
    original: Any,
    backend: Any,
    name: str,
    description: str,
    value: str,
    parameter_type: str,
    allowed_pattern: str,
    keyid: str | None,
    *others: Any,
    **named: Any,
) -> Any:
    if parameter_type == "SecureString":
        _check(backend, keyid)
    return original(backend, name, description, value, parameter_type, allowed_pattern, keyid, *others, **named)


@patch(SimpleSystemManagerResponse, "get_parameter", source="904adc1d25ea6952", why=_WHY)
@patch(SimpleSystemManagerResponse, "get_parameters", source="39ccf72e86a54c1d", why=_WHY)
@patch(SimpleSystemManagerResponse, "get_parameters_by_path", source="3c030395bf19f65e", why=_WHY)
@patch(SimpleSystemManagerResponse, "get_parameter_history", source="054074e3a37af166", why=_WHY)
def read(original: Any, handler: Any) -> Any:
    answer = original(handler)
    if handler._get_param("WithDecryption"):  # noqa: SLF001  as the originals
        found = answer.result.get("Parameters", [answer.result.get("Parameter")])
        for each in found:
            if each and each.get("Type") == "SecureString":
                _check(handler.ssm_backend, handler.ssm_backend.get_parameter(each["Name"]).keyid)
    return answer


def _check(backend: Any, reference: str | None) -> None:
    if found := keys.unusable(reference, backend.account_id, backend.region_name):
        raise SSMException("InvalidKeyId", found.said)
