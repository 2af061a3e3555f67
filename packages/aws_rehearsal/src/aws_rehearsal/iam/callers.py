"""Whose credentials a request was signed with: from its access key id to the principal.

A function's id is its name and a state machine's is its own (`functions.runtime`, `patches.stepfunctions_tasks`): both act as a
session of their role. A function is known by its session token too, so that the two may have one name. Keys that IAM and STS
issued are looked up where moto keeps them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.utils import get_backend as lambda_backend
from moto.iam.models import iam_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.sts.models import sts_backends

from aws_rehearsal.iam import identities, principals
from aws_rehearsal.iam.principals import Principal

_PARTITION = "aws"
_ISSUED = ("AKIA", "ASIA")
"""How ids begin that IAM and STS issue: IAM User Guide, "IAM identifiers", "Unique identifiers"."""


class UnknownKeyError(LookupError):
    """Nobody in the account has this access key. AWS answers `InvalidClientTokenId`, or `UnrecognizedClientException`."""


def principal(key: str, *, region: str, account: str, home: str = "", roots: Collection[str] = ()) -> Principal:
    """The principal of an access key id in a request that was signed for `region`.

    `home`: the region of the function that its session token was issued to. `roots` are the ids of the account's root user.
    Raises UnknownKeyError.
    """
    if key in roots:
        return principals.root(account)
    found = _issued(key, account)
    if found is not None:
        return found
    role = function_role(key, home, account) if home else _machine_role(key, region, account)
    if not role:
        raise UnknownKeyError(f"nobody has the access key {key}")
    # Lambda names the session after the function; Step Functions by a random text, which nothing can rely on.
    return identities.session(role, key)


def name(key: str, account: str) -> str:
    """What a caller is called where calls are counted: a role or user, of keys that STS or IAM issued; else its key's id."""
    found = _issued(key, account)
    return found.identity_arn.rpartition("/")[2] if found is not None else key


def _issued(key: str, account: str) -> Principal | None:
    """Whose it is, of a key that STS or IAM issued; all others are told apart without a search."""
    return _of_sts(key, account) or _of_iam(key, account) if key.startswith(_ISSUED) else None


def _of_sts(key: str, account: str) -> Principal | None:
    """A session that AssumeRole began, newest first: clients use their newest credentials."""
    for assumed in reversed(list(sts_backends[account][_PARTITION].assumed_roles)):
        if assumed.access_key_id == key:
            policies = (assumed.policy,) if assumed.policy else ()
            return identities.session(assumed.role_arn, assumed.session_name, policies=policies)
    return None


def _of_iam(key: str, account: str) -> Principal | None:
    """A user's active key."""
    for user in iam_backends[account][_PARTITION].users.values():
        if any(each.access_key_id == key and each.status == "Active" for each in list(user.access_keys)):
            return identities.as_user(user.arn)
    return None


def function_role(name: str, region: str, account: str) -> str:
    """The ARN of a function's role; empty where there is no such function."""
    try:
        return str(lambda_backend(account, region).get_function(name).role)
    except UnknownFunctionException:
        return ""


def _machine_role(name: str, region: str, account: str) -> str:
    machines: list[Any] = list(stepfunctions_parser_backends[account][region].state_machines)
    return next((str(each.roleArn) for each in machines if each.name == name), "")
