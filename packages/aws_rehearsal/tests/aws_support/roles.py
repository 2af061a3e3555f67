"""Roles for tests whose subject is not what a role may do."""

from __future__ import annotations

import json

from aws_rehearsal import ACCOUNT, Cloud

REGION = "ap-southeast-1"
ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def may_all(cloud: Cloud, name: str = "function", *, trusted: str = "") -> str:
    """The ARN of a role that may do everything; made where it is not there. `trusted`: the service that may assume it."""
    iam = cloud.client("iam", REGION)
    try:
        statement = {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"}
        trust = {"Version": "2012-10-17", "Statement": [statement] if trusted else []}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    except iam.exceptions.EntityAlreadyExistsException:
        return f"arn:aws:iam::{ACCOUNT}:role/{name}"
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=ALL)
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"
