"""How rights are counted: by who has them and their action, both regions together."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aws_rehearsal import Cloud
from strategy import load
from tools.permissions.calls import reason
from tools.privileges import Rights

REGIONS = ("ap-southeast-1", "ap-southeast-2")
CODE = """\
import boto3

def handler(event, context):
    boto3.client("backup").list_backup_vaults()
"""
ALLOW = [
    ["backup:ListBackupVaults"],
    ["backup:List*", "backup:DeleteBackupVault"],
    ["sns:Publish", "logs:PutLogEvents"],
]
"""Two that give the same right, one that nothing uses, and one that Lambda uses in the function's name."""


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Any]:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        document = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": each, "Resource": "*"} for each in ALLOW],
        }
        iam = cloud.client("iam", REGIONS[0])
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []}))
        iam.put_role_policy(RoleName="r", PolicyName="own", PolicyDocument=json.dumps(document))
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("f.py", CODE)
        for region in REGIONS:
            cloud.client("lambda", region).create_function(
                FunctionName="banking-buddy-dev-lister",
                Runtime="python3.13",
                Role=role["Role"]["Arn"],
                Handler="f.handler",
                Code={"ZipFile": content.getvalue()},
            )
        cloud.client("lambda", REGIONS[0]).invoke(FunctionName="banking-buddy-dev-lister")
        judged = cloud.guard.judged
        yield SimpleNamespace(
            cloud=cloud,
            strategy=load("dev"),
            primary=REGIONS[0],
            recovery=REGIONS[1],
            result=SimpleNamespace(decisions=judged.total(), denied=[]),
        )


def test_rights_are_used_unused_excused_or_not_missed(context: Any) -> None:
    rights = Rights()
    rights.read(context)
    assert rights.unnoticed() == [("lister", "backup:list*"), ("lister", "backup:listbackupvaults")]
    assert rights.unused() == [("lister", "backup:deletebackupvault"), ("lister", "logs:putlogevents"), ("lister", "sns:publish")]
    assert rights.unexplained() == [("lister", "backup:deletebackupvault"), ("lister", "sns:publish")]
    assert rights.figures() == {
        "iam.decisions": 1,
        "iam.denied": 0,
        "iam.grants": 5,
        "iam.grants_unused": 3,
        "iam.grants_unexplained": 2,
        "iam.removals": 2,
        "iam.removals_noticed": 0,
    }


def test_a_reason_is_found_in_any_case() -> None:
    assert reason("restore-begin", "dynamodb:putitem")
    assert reason("proofs", "s3:getobject")
    assert not reason("proofs", "s3:deleteobject")
