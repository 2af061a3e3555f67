"""Looks whether every store was tested, starts the answers whose events were lost, and records the tests that are missing.

Event: `{"wanted", "since", "last"}`: `dr_stack.restore_tests.wanted`, when the tests were due (ISO, with its zone), and whether
this is the last look. Environment: `ANSWER`, the ARN of the answering workflow. Answer:
`{"settled", "waiting_for", "answered": […], "problems": […]}`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from recovery.handlers.boundary import client, passing
from recovery.restore_tests.watch import look


@passing
def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    return look(
        event["wanted"],
        datetime.fromisoformat(event["since"]),
        datetime.now(UTC),
        backup=client("backup"),
        s3=client("s3"),
        start=_start,
        last=event["last"],
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
