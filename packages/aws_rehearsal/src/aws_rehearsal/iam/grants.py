"""Grants of KMS keys: what they allow besides policies.

From the AWS KMS Developer Guide, "Grants in AWS KMS", and the API Reference, `GrantConstraints`: constraints on the encryption
context apply to cryptographic operations only; in a constraint the name of a pair does not heed case, and its value does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_rehearsal.iam.principals import Principal, Sort
from aws_rehearsal.iam.request import Context

_WITHOUT_CONTEXT = frozenset({"CreateGrant", "DescribeKey", "GetPublicKey", "RetireGrant", "Sign", "Verify"})
_PAIR = "kms:encryptioncontext:"


@dataclass(frozen=True)
class Grant:
    """A grant of one key."""

    id: str
    grantee: str
    """ARN of a role, user, session or account, or the name of a service."""
    operations: frozenset[str]
    equals: Mapping[str, str] = field(default_factory=dict, hash=False)
    """`EncryptionContextEquals`."""
    subset: Mapping[str, str] = field(default_factory=dict, hash=False)
    """`EncryptionContextSubset`."""
    retiring: str = ""
    """Who may retire it, besides the grantee where the operations say so."""

    def allows(self, principal: Principal, action: str, context: Context) -> bool:
        """Whether it lets a principal do an action (`kms:Decrypt`)."""
        operation = action.partition(":")[2]
        if operation == "RetireGrant" and _is(principal, self.retiring):
            return True
        if operation not in self.operations or not _is(principal, self.grantee):
            return False
        if operation == "CreateGrant":  # never more than the grant itself allows
            return self.operations.issuperset(context.get("kms:grantoperations"))
        return operation in _WITHOUT_CONTEXT or self._fits(context)

    def _fits(self, context: Context) -> bool:
        if not self.equals and not self.subset:
            return True
        given = {name.lower(): values[0] for name, values in context.named(_PAIR).items() if values}
        equals = {name.lower(): value for name, value in self.equals.items()}
        subset = {name.lower(): value for name, value in self.subset.items()}
        return (not equals or given == equals) and subset.items() <= given.items()


def _is(principal: Principal, name: str) -> bool:
    if not name:
        return False
    if principal.sort is Sort.SERVICE:
        return name in principal.services
    return name in {principal.arn, principal.identity_arn}
