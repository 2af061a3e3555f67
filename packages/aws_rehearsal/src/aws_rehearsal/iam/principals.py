"""Who calls: root, an IAM user, a session of a role, or a service of AWS; and whom the `Principal` of a policy means.

From the IAM User Guide: "AWS JSON policy elements: Principal" and "NotPrincipal", "AWS global condition context keys", and the
table "Principal key values".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, IntEnum
from functools import cached_property
from typing import Any

from aws_rehearsal.iam.conditions import PolicyError, texts
from aws_rehearsal.iam.request import Values

CANONICAL_USER = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
"""The account's canonical user id in S3, which is moto's `OWNER`."""


class Sort(Enum):
    """Kinds of principals, with the value of `aws:PrincipalType`."""

    ROOT = "Account"
    USER = "User"
    SESSION = "AssumedRole"
    SERVICE = "AWSService"
    """AWS documents no value for a service; this is what CloudTrail calls it."""


class Reach(IntEnum):
    """How a policy's principal element names a caller; what it grants depends on it."""

    NONE = 0
    ACCOUNT = 1
    """The caller's account: a delegation, which identity policies must take up."""
    ROLE = 2
    """The role of a session: limited by its boundary and session policies."""
    DIRECT = 3
    """The caller, or everyone."""


@dataclass(frozen=True)
class Principal:
    """A caller. Made by `root`, `user`, `session` and `service`."""

    sort: Sort
    arn: str
    """As AWS's messages name the caller; the name itself for a service."""
    account: str
    name: str = ""
    """Of the user, the session or the service."""
    role_arn: str = ""
    """Of the role of a session, with its path."""
    unique_id: str = ""
    """`AIDA…` of a user, `AROA…` of a role."""
    tags: tuple[tuple[str, str], ...] = ()
    """Of the user, or of the role and its session."""
    session_policies: tuple[str, ...] = ()
    """The JSON texts that were passed when the role was assumed."""
    issued: datetime | None = None
    """When temporary credentials were issued, where that is known."""
    extra: Mapping[str, Values] = field(default_factory=dict, hash=False, compare=False)
    """More condition keys that this caller brings, in lower case: `aws:sourcearn` of a service."""

    @property
    def identity_arn(self) -> str:
        """The user or role whose identity policies count; `aws:PrincipalArn`."""
        return self.role_arn or self.arn

    @property
    def services(self) -> tuple[str, ...]:
        """All names of a service."""
        return (self.name,) if self.sort is Sort.SERVICE else ()

    @cached_property
    def keys(self) -> Mapping[str, Values]:
        """The global condition keys that this principal brings."""
        found: dict[str, Values] = {"aws:principaltype": (self.sort.value,), "aws:principalisawsservice": ("false",)}
        if self.sort is Sort.SERVICE:
            found |= {
                "aws:principalisawsservice": ("true",),
                "aws:principalservicename": (self.name,),
                "aws:principalservicenameslist": self.services,
            }
            return found | dict(self.extra)
        found |= {
            "aws:principalarn": (self.identity_arn,),
            "aws:principalaccount": (self.account,),
            "kms:calleraccount": (self.account,),
            "aws:userid": (self._user_id,),
        }
        if self.sort is Sort.USER:
            found["aws:username"] = (self.name,)
        if self.sort is Sort.SESSION:
            found["aws:multifactorauthpresent"] = ("false",)  # temporary credentials have the key
            if self.issued is not None:
                found["aws:tokenissuetime"] = (self.issued.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),)
        found |= {f"aws:principaltag/{key.lower()}": (value,) for key, value in self.tags}
        return found | dict(self.extra)

    @property
    def _user_id(self) -> str:
        match self.sort:
            case Sort.ROOT:
                return self.account
            case Sort.SESSION:
                return f"{self.unique_id}:{self.name}"
        return self.unique_id


def root(account: str) -> Principal:
    """The root user of an account."""
    return Principal(Sort.ROOT, f"arn:aws:iam::{account}:root", account)


def user(arn: str, *, unique_id: str = "", tags: Mapping[str, str] | None = None) -> Principal:
    """An IAM user with long-term credentials."""
    name = arn.rsplit("/", 1)[-1]
    return Principal(Sort.USER, arn, account_of(arn), name, unique_id=unique_id, tags=_pairs(tags))


def session(
    role_arn: str,
    name: str,
    *,
    unique_id: str = "",
    tags: Mapping[str, str] | None = None,
    policies: tuple[str, ...] = (),
    issued: datetime | None = None,
) -> Principal:
    """A session of a role: `tags` are the role's and the session's own, of which the session's win."""
    account = account_of(role_arn)
    arn = f"arn:aws:sts::{account}:assumed-role/{role_arn.rsplit('/', 1)[-1]}/{name}"
    return Principal(Sort.SESSION, arn, account, name, role_arn, unique_id, _pairs(tags), policies, issued)


def service(name: str, *, source_arn: str = "", source_account: str = "", source_owner: str = "") -> Principal:
    """A service of AWS that acts by itself, for the resource `source_arn` if it says for which.

    `source_owner`: of the few services that still bring the older `aws:SourceOwner`, as CloudWatch does to SNS.
    """
    given = {"aws:sourcearn": source_arn, "aws:sourceaccount": source_account or (account_of(source_arn) if source_arn else "")}
    given["aws:sourceowner"] = source_owner
    extra = {key: (value,) for key, value in given.items() if value}
    return Principal(Sort.SERVICE, name, "", name, extra=extra)


def account_of(arn: str) -> str:
    """The account of an ARN; empty where it names none (S3)."""
    fields = arn.split(":", 5)
    return fields[4] if len(fields) > 4 else ""


def _pairs(tags: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    return tuple((tags or {}).items())


# ---------------------------------------------------------------------- the element of a policy
@dataclass(frozen=True)
class Named:
    """A `Principal` or `NotPrincipal` element. AWS allows no wildcard within a name: `*` alone, or the whole name."""

    everyone: bool
    aws: frozenset[str]
    services: frozenset[str]
    canonical: frozenset[str]
    federated: frozenset[str]

    def reach(self, principal: Principal) -> Reach:
        """How it names a caller as `Principal`."""
        if self.everyone:
            return Reach.DIRECT
        if principal.sort is Sort.SERVICE:
            return Reach.DIRECT if self.services.intersection(principal.services) or "*" in self.services else Reach.NONE
        return max(
            (reach for reach, names in _identities(principal) if self.aws.intersection(names)), default=self._as_owner(principal)
        )

    def excepts(self, principal: Principal) -> bool:
        """Whether `NotPrincipal` of a Deny leaves a caller out: only where all that the caller is stands there.

        AWS validates the account first, then the role, and then the session, and denies whatever is missing from the list.
        """
        if self.everyone:
            return True
        if principal.sort is Sort.SERVICE:
            return bool(self.services.intersection(principal.services))
        return all(self.aws.intersection(names) for _, names in _identities(principal))

    def _as_owner(self, principal: Principal) -> Reach:
        owns = CANONICAL_USER in self.canonical
        return (Reach.DIRECT if principal.sort is Sort.ROOT else Reach.ACCOUNT) if owns else Reach.NONE


_Identities = tuple[tuple[Reach, frozenset[str]], ...]


def _identities(principal: Principal) -> _Identities:
    """What a caller may be named by, and how far each reaches; worked out once."""
    found: _Identities | None = principal.__dict__.get("_identities")
    if found is None:
        account = frozenset({principal.account, f"arn:aws:iam::{principal.account}:root"})
        unique = {principal.unique_id} if principal.unique_id else set()
        match principal.sort:
            case Sort.ROOT:
                found = ((Reach.DIRECT, account),)
            case Sort.USER:
                found = ((Reach.ACCOUNT, account), (Reach.DIRECT, frozenset({principal.arn} | unique)))
            case _:
                role = frozenset({principal.role_arn} | unique)
                found = ((Reach.ACCOUNT, account), (Reach.ROLE, role), (Reach.DIRECT, frozenset({principal.arn})))
        principal.__dict__["_identities"] = found
    return found


def named(element: Any) -> Named:
    """Read a `Principal` element; PolicyError where it is none."""
    if element == "*":
        return Named(everyone=True, aws=frozenset(), services=frozenset(), canonical=frozenset(), federated=frozenset())
    if not isinstance(element, Mapping) or not element:
        raise PolicyError(f"Principal must be * or an object, not {element!r}")
    unknown = set(element) - {"AWS", "Service", "Federated", "CanonicalUser"}
    if unknown:
        raise PolicyError(f"unknown kind of principal: {', '.join(sorted(map(str, unknown)))}")
    aws, services, canonical, federated = (
        frozenset(texts(element.get(kind, []))) for kind in ("AWS", "Service", "CanonicalUser", "Federated")
    )
    return Named("*" in aws, aws, services, canonical, federated)
