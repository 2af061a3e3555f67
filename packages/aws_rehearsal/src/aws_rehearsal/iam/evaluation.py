"""The decision: may a principal do an action on a resource, and which statement says so.

From the IAM User Guide: "Policy evaluation logic", "How AWS enforcement code logic evaluates requests", "Cross-account policy
evaluation logic"; from the AWS KMS Developer Guide: "Key policies", "Default key policy". In short:

1. A Deny anywhere decides.
2. A service is judged by resource policies alone, root by their denials alone (but a key and a role must name the account).
3. A resource policy that names the user, the session or everyone allows by itself; one that names the role is limited by the
   role's boundary and the session's policies; one that names the account leaves it to identity policies.
4. Identity policies allow what boundary and session policies allow too. For a key they count only where its policy names the
   account or the caller, and for assuming a role its trust policy must.
5. A caller of another account needs both sides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from aws_rehearsal.iam.decisions import Decision, Finding, Layer
from aws_rehearsal.iam.documents import Document, Statement
from aws_rehearsal.iam.grants import Grant
from aws_rehearsal.iam.principals import Principal, Reach, Sort, account_of
from aws_rehearsal.iam.request import Context

_ASSUMING = frozenset({"sts:assumerole", "sts:tagsession", "sts:setsourceidentity"})
_ACCOUNT_DIGITS = 12
_MOST_NEAR = 6
"""Statements that a denial names as having nearly allowed."""


@dataclass(frozen=True)
class Policy:
    """A document by its name: the ARN of a managed policy, the name of an inline one, the ARN of the resource that has it."""

    name: str
    document: Document


@dataclass(frozen=True)
class Policies:
    """Everything that applies to one principal and one resource."""

    identity: tuple[Policy, ...] = ()
    """Of the role or user: attached, inline, and those of a user's groups."""
    boundary: Policy | None = None
    session: tuple[Policy, ...] = ()
    resource: Policy | None = None
    """Bucket, key, topic, trust policy; None where the resource has none, or can have none."""
    grants: tuple[Grant, ...] = field(default=())
    """Of a key."""


def judge(principal: Principal, action: str, resource: str, policies: Policies, context: Context) -> Decision:
    """Decide on one action on one resource (`*` where AWS names none)."""
    return _Judgement(principal, action, resource, policies, context).decision()


def is_key(resource: str) -> bool:
    """Whether an ARN is a KMS key's."""
    return resource.startswith("arn:") and resource.split(":", 5)[2] == "kms" and ":key/" in resource


class _Judgement:
    def __init__(self, principal: Principal, action: str, resource: str, policies: Policies, context: Context) -> None:
        self.principal = principal
        self.action = action
        self.resource = resource
        self.policies = policies
        self.context = context
        self.assumes = action.lower() in _ASSUMING
        self.delegates = self.assumes or (action.lower().startswith("kms:") and is_key(resource))
        """The resource policy must name the caller or its account; identity policies alone allow nothing."""
        self.resource_layer = Layer.TRUST if self.assumes else Layer.RESOURCE

    def decision(self) -> Decision:
        return self.denied() or self.by_sort()

    # ------------------------------------------------------------------ 1
    def denied(self) -> Decision | None:
        policies = self.policies
        boundary = (policies.boundary,) if policies.boundary else ()
        for layer, found in ((Layer.IDENTITY, policies.identity), (Layer.BOUNDARY, boundary), (Layer.SESSION, policies.session)):
            if finding := self._in(found, layer, denies=True):
                return self._answer(allowed=False, layer=layer, finding=finding)
        if policies.resource:
            for statement in self._applying(policies.resource, denies=True):
                if statement.reach(self.principal, bounded=policies.boundary is not None):
                    finding = Finding(policies.resource.name, statement.label, self.resource_layer)
                    return self._answer(allowed=False, layer=self.resource_layer, finding=finding)
        return None

    # ------------------------------------------------------------------ 2
    def by_sort(self) -> Decision:
        reach, named = self._reach()
        if self.principal.sort is Sort.SERVICE:
            if granted := self._granted():
                return self._answer(allowed=True, layer=Layer.GRANT, finding=granted)
            if reach is Reach.DIRECT:
                return self._answer(allowed=True, layer=self.resource_layer, finding=named)
            return self._missing(self.resource_layer)
        if self.principal.sort is Sort.ROOT:
            return self._root(reach, named)
        if self._is_foreign():
            return self._foreign(reach, named)
        return self._own(reach, named)

    def _root(self, reach: Reach, named: Finding | None) -> Decision:
        if self.assumes:
            return Decision(
                allowed=False,
                principal=self.principal,
                action=self.action,
                resource=self.resource,
                layer=self.resource_layer,
                explicit=True,
                missing="AWS lets nobody assume a role as root",
                said="Roles may not be assumed by root accounts.",
            )
        if reach:
            return self._answer(allowed=True, layer=self.resource_layer, finding=named)
        if self.delegates or self._is_foreign():
            return self._missing(self.resource_layer)
        return self._answer(allowed=True, layer=Layer.ROOT, finding=Finding(self.principal.arn, "the root user", Layer.ROOT))

    # ------------------------------------------------------------------ 3, 4
    def _own(self, reach: Reach, named: Finding | None) -> Decision:
        if reach is Reach.DIRECT:
            return self._answer(allowed=True, layer=self.resource_layer, finding=named)
        allowing = named if reach is Reach.ROLE else self._granted()
        if allowing is None:
            identity = self._in(self.policies.identity, Layer.IDENTITY, denies=False)
            if self.delegates and not reach:
                return self._missing(self.resource_layer)
            if identity is None:
                return self._missing(Layer.IDENTITY)
            allowing = identity
        return self._limited(allowing)

    def _limited(self, allowing: Finding) -> Decision:
        """What boundary and session policies leave of it."""
        if self.policies.boundary and not self._in((self.policies.boundary,), Layer.BOUNDARY, denies=False):
            return self._missing(Layer.BOUNDARY)
        if self.policies.session and not self._in(self.policies.session, Layer.SESSION, denies=False):
            return self._missing(Layer.SESSION)
        return self._answer(allowed=True, layer=allowing.layer, finding=allowing)

    # ------------------------------------------------------------------ 5
    def _is_foreign(self) -> bool:
        """Of another account; an ARN without a real one is refused by the service itself."""
        owner = account_of(self.resource)
        return owner.isdigit() and len(owner) == _ACCOUNT_DIGITS and owner != self.principal.account

    def _foreign(self, reach: Reach, named: Finding | None) -> Decision:
        granted = self._granted()
        if not reach and granted is None:
            return self._missing(self.resource_layer)
        if self._in(self.policies.identity, Layer.IDENTITY, denies=False) is None:
            return self._missing(Layer.IDENTITY)
        return self._limited(named or granted or Finding("", "", self.resource_layer))

    # ------------------------------------------------------------------ machinery
    def _reach(self) -> tuple[Reach, Finding | None]:
        """The farthest that an Allow of the resource policy reaches to the caller, and which one it is."""
        best, finding = Reach.NONE, None
        policy = self.policies.resource
        if policy is not None:
            for statement in self._applying(policy, denies=False):
                reach = statement.reach(self.principal)
                if reach > best:
                    best, finding = reach, Finding(policy.name, statement.label, self.resource_layer)
        return best, finding

    def _in(self, policies: Iterable[Policy], layer: Layer, *, denies: bool) -> Finding | None:
        for policy in policies:
            for statement in self._applying(policy, denies=denies):
                return Finding(policy.name, statement.label, layer)
        return None

    def _applying(self, policy: Policy, *, denies: bool) -> Iterable[Statement]:
        for statement in policy.document.about(self.action):
            if statement.denies != denies:
                if denies:
                    return  # denials come first
                continue
            if statement.names_resource(self.resource, self.context) and statement.holds(self.context):
                yield statement

    def _granted(self) -> Finding | None:
        for grant in self.policies.grants:
            if grant.allows(self.principal, self.action, self.context):
                return Finding(self.resource, f"grant {grant.id}", Layer.GRANT)
        return None

    def _answer(self, *, allowed: bool, layer: Layer, finding: Finding | None) -> Decision:
        return Decision(
            allowed=allowed,
            principal=self.principal,
            action=self.action,
            resource=self.resource,
            layer=layer,
            by=finding,
            explicit=not allowed,
        )

    def _missing(self, layer: Layer) -> Decision:
        return Decision(
            allowed=False,
            principal=self.principal,
            action=self.action,
            resource=self.resource,
            layer=layer,
            missing=self._what_misses(layer),
        )

    def _what_misses(self, layer: Layer) -> str:
        policies = self.policies
        where, looked = {
            Layer.IDENTITY: (f"an identity-based policy of {self.principal.identity_arn}", policies.identity),
            Layer.BOUNDARY: ("the permissions boundary", (policies.boundary,) if policies.boundary else ()),
            Layer.SESSION: ("the session policy", policies.session),
            Layer.TRUST: (f"the trust policy of {self.resource}", (policies.resource,) if policies.resource else ()),
            Layer.RESOURCE: (f"the policy of {self.resource}", (policies.resource,) if policies.resource else ()),
        }[layer]
        near = [why for policy in looked for why in self._nearly(policy)][:_MOST_NEAR]
        wanted = f"Allow {self.action} on {self.resource} in {where}"
        return f"{wanted}; {'; '.join(near)}" if near else wanted

    def _nearly(self, policy: Policy) -> Iterable[str]:
        """Why each statement that names the action does not allow it."""
        for statement in policy.document.about(self.action):
            if statement.denies:
                continue
            unmet = [each for each in statement.conditions if not each.holds(self.context)]
            if not statement.names_resource(self.resource, self.context):
                yield f"{policy.name} ({statement.label}) names other resources"
            elif unmet:
                given = ", ".join(self.context.get(unmet[0].key)) or "absent"
                yield f"{policy.name} ({statement.label}) asks {unmet[0]}, and it is {given}"
            elif not statement.reach(self.principal):
                yield f"{policy.name} ({statement.label}) names other principals"
