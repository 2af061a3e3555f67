"""Real servers for what must be true of SQL and of AWS's protocols."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from aws_support.mariadb import Database, database
from strategy.catalogue import names
from tests.recovery.signing import evidence_bucket

REGION = "ap-southeast-2"
ACCOUNT, PREFIX = "123456789012", "bank"
BUCKET = names.evidence_bucket(PREFIX, REGION, ACCOUNT)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with database(tmp_path_factory.mktemp("mariadb")) as running:
        yield running


@pytest.fixture(scope="module")
def aws() -> Iterator[Any]:
    """moto in this process, in the recovery region: the stores, the bucket and the keys that handlers meet."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        yield boto3


@pytest.fixture(scope="module")
def s3(aws: Any) -> Any:
    """A client, with an empty evidence bucket and the key that signs."""
    evidence_bucket(aws, BUCKET, PREFIX)
    return aws.client("s3")
