"""SQS: no message is sent to, or received from, a queue under a key that cannot be used.

API_SendMessage and API_ReceiveMessage: KmsDisabled, KmsInvalidState.
"""

from __future__ import annotations

from typing import Any

from moto.sqs.exceptions import SQSException
from moto.sqs.models import SQSBackend

from aws_rehearsal import keys
from aws_rehearsal.patches import patch

_WHY = "stock moto works with a disabled key"


@patch(SQSBackend, "send_message", source="bf161af09a9e6b86", why=_WHY)
@patch(SQSBackend, "send_message_batch", source="0707ad219481c867", why=_WHY)
@patch(SQSBackend, "receive_message", source="065f3e5e7d214408", why=_WHY)
def use_queue(original: Any, backend: Any, queue_name: str, *args: Any, **kwargs: Any) -> Any:
    queue = backend.get_queue(queue_name)
    if found := keys.unusable(queue.kms_master_key_id, backend.account_id, backend.region_name):
        raise SQSException("KmsDisabled" if found.disabled else "KmsInvalidState", found.said)
    return original(backend, queue_name, *args, **kwargs)
