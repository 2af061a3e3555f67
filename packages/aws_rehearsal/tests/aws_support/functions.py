"""Lambda functions for tests: made of a few lines, called, and waited for."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

from aws_rehearsal import ACCOUNT, Cloud
from aws_support.roles import may_all

REGION = "ap-southeast-1"
CODE = """
import json, os, sys, time
from datetime import datetime, timezone

count = 0


class RowsDiffer(Exception):
    pass


def handler(event, context):
    global count
    count += 1
    print("saw", json.dumps(event))
    kind = event.get("do")
    if kind == "raise":
        raise RowsDiffer("3 rows differ")
    if kind == "exit":
        os._exit(3)
    if kind == "hang":
        while True:
            pass
    if kind == "set":
        return {1, 2}
    if kind == "import":
        __import__(event["module"])
    if kind == "tables":
        import boto3
        return boto3.client("dynamodb").list_tables()["TableNames"]
    if kind == "token":
        import boto3
        return boto3.client("rds").generate_db_auth_token("host", 3306, "user")
    return {
        "count": count,
        "pid": os.getpid(),
        "now": datetime.now(timezone.utc).isoformat(),
        "environment": dict(os.environ),
        "function_name": context.function_name,
        "arn": context.invoked_function_arn,
        "request_id": context.aws_request_id,
        "remaining": context.get_remaining_time_in_millis(),
    }
"""
"""A handler that tells what it sees, and does what its event says."""


def zipped(files: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def create(cloud: Cloud, name: str, files: dict[str, str], *, region: str = REGION, **more: Any) -> str:
    role = f"arn:aws:iam::{ACCOUNT}:role/function"
    settings = {"Handler": "recovery.handlers.probe.handler", "Timeout": 20, "Role": role} | more
    response = cloud.client("lambda", region).create_function(
        FunctionName=name,
        Runtime="python3.13",
        Code={"ZipFile": zipped(files)},
        **settings,
    )
    return str(response["FunctionArn"])


def trust(cloud: Cloud) -> None:
    may_all(cloud)


def invoke(cloud: Cloud, name: str, event: Any, *, region: str = REGION) -> tuple[Any, str | None, str]:
    response = cloud.client("lambda", region).invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail")
    log = base64.b64decode(response["LogResult"]).decode()
    return json.loads(response["Payload"].read()), response.get("FunctionError"), log
