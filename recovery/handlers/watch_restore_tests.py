"""Looks whether every store was tested, starts the answers whose events were lost, and records the tests that are missing.

Environment: `ANSWER`, the ARN of the answering workflow.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from recovery.lambda_runtime import client, handles, passing
from recovery.restore_tests.watch import look
from strategy.contracts.restore_tests import WatchAnswer, WatchRequest


@handles(WatchRequest.from_json)
@passing
def handler(request: WatchRequest, context: Any) -> WatchAnswer:
    return look(
        request.wanted,
        datetime.fromisoformat(request.since),
        datetime.now(UTC),
        backup=client("backup"),
        s3=client("s3"),
        start=_start,
        last=request.last,
        by=context.function_name,
    )


def _start(job_id: str) -> None:
    """Named for the job: it is started once, however often it is asked for. Its input is what of an event the workflow reads."""
    try:
        client("stepfunctions").start_execution(
            stateMachineArn=os.environ["ANSWER"],
            name=f"restore-test-{job_id}",
            input=json.dumps({"detail": {"restoreJobId": job_id}}),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise
