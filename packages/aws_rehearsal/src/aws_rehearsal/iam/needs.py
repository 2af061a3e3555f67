"""Which IAM actions, on which resource ARNs, with which condition key values, a request to AWS's API needs to be allowed.

    needs("s3", "HeadObject", {"Bucket": "ledger", "Key": "2026/11/02"}, region=..., account=..., lookup=...)

answers `s3:GetObject` on `arn:aws:s3:::ledger/2026/11/02`, and, where the object is encrypted with a customer managed key,
`kms:Decrypt` on that key, via S3. The data are AWS's service reference (`service_reference`); what the reference leaves out
(operations whose action bears another name, dependent actions) is in `call_actions` and `dependent_needs`, each with its source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aws_rehearsal.iam import call_actions, call_context, call_resources, dependent_needs, service_reference
from aws_rehearsal.iam.call import Call
from aws_rehearsal.iam.lookup import Lookup
from aws_rehearsal.iam.need import Need

_FREE = frozenset({"sts:GetCallerIdentity"})
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: "No permissions are required\""""


def needs(
    service: str, operation: str, parameters: Mapping[str, Any], *, region: str, account: str, lookup: Lookup
) -> tuple[Need, ...]:
    """What the caller must be allowed, the call's own action first; all of them, and each on all of its resources.

    `service` is the name that the request was signed with, `operation` AWS's name of it, `parameters` its members as
    `request_members.members` reads them. Raises UnknownActionError where AWS's service reference does not know the action.
    """
    call = _call(service, operation, parameters, region, account, lookup)
    if f"{call.prefix}:{operation}" in _FREE:
        return ()
    own = [need for each in call_actions.actions(call) for need in _own(each)]
    return (*own, *dependent_needs.of_caller(call, own))


def role_needs(
    service: str, operation: str, parameters: Mapping[str, Any], *, region: str, account: str, lookup: Lookup
) -> tuple[tuple[str, Need], ...]:
    """What the roles that a request hands over must be allowed for AWS to accept it: (ARN of the role, need).

    So Lambda refuses a function in a VPC whose execution role may not make network interfaces.
    """
    return tuple(dependent_needs.of_roles(_call(service, operation, parameters, region, account, lookup)))


def known(service: str, operation: str) -> bool:
    """Whether `needs` can answer."""
    prefix = service_reference.prefix(service)
    try:
        return f"{prefix}:{operation}" in _FREE or call_actions.known(prefix, operation)
    except service_reference.UnknownActionError:
        return False


def _call(  # noqa: PLR0917  the arguments of both functions above, in their order
    service: str, operation: str, parameters: Mapping[str, Any], region: str, account: str, lookup: Lookup
) -> Call:
    return Call(service_reference.prefix(service), operation, operation, parameters, region, account, lookup)


def _own(call: Call) -> Iterator[Need]:
    name = f"{call.prefix}:{call.action}"
    action = service_reference.action(name)
    found = call_resources.resources(call, action)
    for resources, context in call_context.contexts(call, name, found):
        yield Need(name, resources, context, call.source)
