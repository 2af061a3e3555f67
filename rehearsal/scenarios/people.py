"""The bank's people: each has a user of her own, and takes a role with the managed policies of her duty, as at a bank with AWS.

Enters: deployed stacks. Leaves: for each duty an IAM user, a role that this user alone may take, and sessions of it. Which
policies a duty has, in both regions, is what the README and `docs/security.md` say; what they allow, the embedded AWS judges.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from aws_rehearsal import Cloud, Credentials
from strategy import Strategy
from strategy.catalogue import names

LONGEST_SESSION = 12 * 3600
"""Seconds: what IAM allows as a role's `MaxSessionDuration`. No command takes as long."""


class Duty(StrEnum):
    """What somebody is there for: the name of the role, by which its calls are counted."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    FAILOVER = "planned-failover"
    """An operator who may move the traffic on purpose."""
    APPROVER = "approver"
    AUDITOR = "auditor"


POLICIES: dict[Duty, tuple[str, ...]] = {
    Duty.VIEWER: ("viewer",),
    Duty.OPERATOR: ("viewer", "operator"),
    Duty.FAILOVER: ("viewer", "operator", "planned-failover"),
    Duty.APPROVER: ("approver",),
    Duty.AUDITOR: ("auditor",),
}
"""Purposes of the managed policies that go with a duty."""
NAMES: dict[Duty, str] = {
    Duty.VIEWER: "vera",
    Duty.OPERATOR: "olga",
    Duty.FAILOVER: "farid",
    Duty.APPROVER: "amir",
    Duty.AUDITOR: "ada",
}
"""Who has the duty: the name of the user, and of every session."""


class People:
    """Of one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._keys: dict[Duty, str] = {}

    def enrol(self, strategy: Strategy) -> None:
        """A user and a role for each duty, with the deployed policies of both regions. Those must be there."""
        iam, account = self._cloud.client("iam", strategy.regions.primary), strategy.account
        for duty, purposes in POLICIES.items():
            self._keys[duty] = _user(iam, NAMES[duty])
            iam.create_role(
                RoleName=duty, AssumeRolePolicyDocument=_trust(NAMES[duty], account), MaxSessionDuration=LONGEST_SESSION
            )
            for region in (strategy.regions.primary, strategy.regions.recovery):
                for purpose in purposes:
                    policy = names.role(strategy.prefix, purpose, region)
                    iam.attach_role_policy(RoleName=duty, PolicyArn=f"arn:aws:iam::{account}:policy/{policy}")

    def key(self, duty: Duty) -> str:
        """Access key id of the user, who may take the role, and nothing else."""
        return self._keys[duty]

    def session(self, strategy: Strategy, duty: Duty, region: str) -> Credentials:
        """A new one, from STS of that region: the other may be gone."""
        # In this process: through the port, a signature could be minutes old by a virtual clock that leaps.
        sts = self._cloud.client("sts", region, caller=self.key(duty))
        given = sts.assume_role(
            RoleArn=f"arn:aws:iam::{strategy.account}:role/{duty}",
            RoleSessionName=NAMES[duty],
            DurationSeconds=LONGEST_SESSION,
        )["Credentials"]
        return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def _user(iam: Any, name: str) -> str:
    iam.create_user(UserName=name)
    return str(iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"])


def _trust(name: str, account: str) -> str:
    """This user, and under no other name: by the session's name it is told whether two ARNs are one person."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:user/{name}"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
