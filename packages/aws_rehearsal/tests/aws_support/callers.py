"""Callers from outside the cloud's process: a client through the port, and the environment of who types commands."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config

from aws_rehearsal import Cloud


def through_the_port(cloud: Cloud, service: str, region: str, caller: str = "wire", **options: Any) -> Any:
    """A boto3 client as another program makes it: with the caller's credentials, over a socket. `options` are of its Config."""
    made: Any = boto3.client
    credentials = cloud.credentials(caller)
    return made(
        service,
        region_name=region,
        endpoint_url=cloud.endpoint,
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        config=Config(retries={"total_max_attempts": 1}, **options),
    )


def sign_in(monkeypatch: pytest.MonkeyPatch, cloud: Cloud, caller: str = "rehearsal") -> None:
    """Until the end of the test, every client that is made from the environment calls this cloud as that caller."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint)
    for name, value in cloud.credentials(caller).environment().items():
        monkeypatch.setenv(name, value)
