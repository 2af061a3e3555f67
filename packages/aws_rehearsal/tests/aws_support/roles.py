"""Roles for tests whose subject is not what a role may do."""

from __future__ import annotations

import json

from aws_rehearsal import ACCOUNT, Cloud

REGION = "ap-southeast-1"
ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def may_all(cloud: Cloud, name: str = "function") -> str:
    """The ARN of a role that may do everything; made where it is not there."""
    iam = cloud.client("iam", REGION)
    try:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []}))
    except iam.exceptions.EntityAlreadyExistsException:
        return f"arn:aws:iam::{ACCOUNT}:role/{name}"
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=ALL)
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"
