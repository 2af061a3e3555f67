"""The judge of one cloud: reads what applies, and decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_rehearsal.iam import identities
from aws_rehearsal.iam.decisions import Decision, Layer
from aws_rehearsal.iam.evaluation import Policies, Policy, judge
from aws_rehearsal.iam.need import Need
from aws_rehearsal.iam.principals import Principal, account_of
from aws_rehearsal.iam.request import Context, Environment
from aws_rehearsal.iam.resources import Resources, Vaults

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

_OPEN = frozenset({"sts:getcalleridentity"})
"""AWS asks for no permission, and no Deny is heard ("GetCallerIdentity" in the AWS STS API Reference)."""


class Judge:
    """Decides for the principals of one cloud. What policies say is read anew each time: a change counts at once.

    AWS takes some seconds to tell all its servers of a change; here it takes none.
    """

    def __init__(self, cloud: Cloud | None = None) -> None:
        backup: Any = cloud.services.get("backup") if cloud is not None else None
        self._resources = Resources(cast("Vaults | None", backup))

    def decide(
        self, principal: Principal, need: Need, environment: Environment, *, identity: tuple[Policy, ...] | None = None
    ) -> Decision:
        """Whether the principal may do what a call needs: on each of its resources, or the first that it may not.

        `identity`: identity policies to go by in place of the principal's own.
        PolicyError where a policy that applies is malformed: AWS refuses such a policy when it is written.
        """
        if need.action.lower() in _OPEN:
            return Decision(allowed=True, principal=principal, action=need.action, resource="*", layer=Layer.OPEN)
        own, boundary = identities.attached(principal)
        passed = identities.passed(principal)
        decision: Decision | None = None
        for resource in need.resources:
            policies = Policies(
                identity=own if identity is None else identity,
                boundary=boundary,
                session=passed,
                resource=self._resources.policy(need.action, resource),
                grants=self._resources.grants(resource),
            )
            owner = account_of(resource) or principal.account
            context = Context(need.context, principal.keys, environment, owner)
            decision = judge(principal, need.action, resource, policies, context)
            if not decision.allowed:
                return decision
        if decision is None:
            raise ValueError(f"{need.action} is needed on no resource; name * where AWS names none")
        return decision
