"""Users, roles and their policies, as moto's IAM has them now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.iam.models import iam_backends

from aws_rehearsal.iam import principals
from aws_rehearsal.iam.documents import document
from aws_rehearsal.iam.evaluation import Policy
from aws_rehearsal.iam.principals import Principal, Sort, account_of

_PARTITION = "aws"
_EMPTY = document('{"Version": "2012-10-17", "Statement": []}')

_ids: dict[str, str] = {}
"""ARN of a role → the id it had when it was last looked for. moto walks all roles to find one by its name."""


def role(arn: str) -> Any:
    """Moto's role of an ARN; None when there is none (any more)."""
    roles = iam_backends[account_of(arn)][_PARTITION].roles
    known = roles.get(_ids.get(arn, ""))
    if known is not None and known.arn == arn:
        return known
    for each in roles.values():
        if each.arn == arn:
            _ids[arn] = each.id
            return each
    return None


def user(arn: str) -> Any:
    """Moto's user of an ARN; None when there is none."""
    found = iam_backends[account_of(arn)][_PARTITION].users.get(arn.rsplit("/", 1)[-1])
    return found if found is not None and found.arn == arn else None


# ---------------------------------------------------------------------- principals
def session(role_arn: str, name: str, *, tags: Mapping[str, str] | None = None, policies: tuple[str, ...] = ()) -> Principal:
    """A session of a role, with the role's id and tags; `tags` and `policies` are those passed when it was assumed."""
    found = role(role_arn)
    own = {each["Key"]: each["Value"] for each in found.tags or ()} if found is not None else {}
    unique_id = found.id if found is not None else ""
    return principals.session(role_arn, name, unique_id=unique_id, tags=own | dict(tags or {}), policies=policies)


def as_user(arn: str) -> Principal:
    """An IAM user, with its id and tags."""
    found = user(arn)
    if found is None:
        return principals.user(arn)
    tags = iam_backends[account_of(arn)][_PARTITION].tagger.get_tag_dict_for_resource(arn)
    return principals.user(arn, unique_id=found.id, tags=tags)


# ---------------------------------------------------------------------- policies
def attached(principal: Principal) -> tuple[tuple[Policy, ...], Policy | None]:
    """The identity policies of a role or user (attached, inline, and those of a user's groups), and the permissions boundary.

    Root and services have neither. moto keeps no boundary of a user. A boundary whose policy does not exist (any more) allows
    nothing, as one without statements.
    """
    if principal.sort is Sort.SESSION:
        found = role(principal.role_arn)
        return _of(found), _boundary(found)
    found = user(principal.arn) if principal.sort is Sort.USER else None
    if found is None:
        return (), None
    groups = [each for each in iam_backends[principal.account][_PARTITION].groups.values() if found in each.users]
    return tuple(policy for holder in (found, *groups) for policy in _of(holder)), None


def _boundary(of: Any) -> Policy | None:
    arn = of.permissions_boundary_arn if of is not None else None
    if not arn:
        return None
    policy = iam_backends[of.account_id][_PARTITION].managed_policies.get(arn)
    return _managed(policy) if policy is not None else Policy(arn, _EMPTY)


def passed(principal: Principal) -> tuple[Policy, ...]:
    """The policies of a session."""
    return tuple(Policy(f"session policy of {principal.arn}", document(text)) for text in principal.session_policies)


def _of(holder: Any) -> tuple[Policy, ...]:
    if holder is None:
        return ()
    # Lists: a stack may change a role while another request is judged by it.
    inline = [Policy(f"{holder.name}/{name}", document(_text(text))) for name, text in list(holder.policies.items())]
    return (*(_managed(each) for each in list(holder.managed_policies.values())), *inline)


def _managed(policy: Any) -> Policy:
    """A managed policy in its default version."""
    version = next(each for each in policy.versions if each.version_id == policy.default_version_id)
    return Policy(policy.arn, document(_text(version.document)))


def _text(given: Any) -> str:
    """Moto keeps the JSON text, or the object where CloudFormation gave it one."""
    return given if isinstance(given, str) else json.dumps(given)
