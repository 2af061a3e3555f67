"""CloudWatch Logs: a log group is not made under a key that cannot be used (API_CreateLogGroup: InvalidParameterException).

What becomes of a group whose key is disabled later (its events cannot be read) is not modelled.
"""

from __future__ import annotations

from typing import Any

from moto.logs.exceptions import LogsClientError
from moto.logs.models import LogsBackend

from aws_rehearsal import keys
from aws_rehearsal.patches import patch


@patch(LogsBackend, "create_log_group", source="7ec171fd0d557299", why="stock moto takes any key")
def create_log_group(original: Any, backend: Any, log_group_name: str, tags: Any, **settings: Any) -> Any:
    if found := keys.unusable(settings.get("kmsKeyId"), backend.account_id, backend.region_name):
        raise LogsClientError("InvalidParameterException", f"The specified KMS Key Id could not be found or used: {found.said}")
    return original(backend, log_group_name, tags, **settings)
