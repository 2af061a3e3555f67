"""Before a call has any effect: who calls, what the call needs, and whether the policies allow it.

Judged are those whose policies are in the cloud: functions and state machines, as sessions of their roles, and whoever uses keys
that IAM or STS issued. Every other access key id is the account's root user here. What AWS does by itself is asked by those who
do it (`decide`, `assume`): as a service of AWS, or as a session of the role that it was given.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.s3.models import s3_backends

from aws_rehearsal.iam import callers, identities, linked_roles, service_reference
from aws_rehearsal.iam.backend_lookup import BackendLookup
from aws_rehearsal.iam.decisions import Decision, Denial, denial
from aws_rehearsal.iam.judge import Judge
from aws_rehearsal.iam.need import Need
from aws_rehearsal.iam.needs import needs, role_needs
from aws_rehearsal.iam.principals import Principal
from aws_rehearsal.iam.request import Environment
from aws_rehearsal.iam.request_members import MalformedRequestError, members

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

GET_OBJECT = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"
"""Without s3:ListBucket, a key that is not there is answered by 403, not 404."""
LINKED = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html"
_BY_KEY = frozenset({"GetObject", "HeadObject"})


@dataclass(frozen=True)
class Judged:
    """One decision, as it is counted. `role`: the principal's role or user, or a service.

    `why`: the statement that decided or was missing.
    """

    role: str
    action: str
    resource: str
    allowed: bool
    why: str


@dataclass(frozen=True)
class Sample:
    """What was judged: whose need, in a request that was signed for which region."""

    principal: Principal
    need: Need
    region: str


class Guard:
    """Of one cloud. `judged` counts its decisions. Thread-safe."""

    def __init__(self, cloud: Cloud, account: str) -> None:
        self._cloud, self._account = cloud, account
        self._judge = Judge(cloud)
        self._lookup = BackendLookup(account, cloud.services)
        self._lock = threading.Lock()
        self.judged: Counter[Judged] = Counter()
        self.samples: dict[Judged, Sample] = {}
        """The first of each, to be judged again."""

    def counted(self) -> Counter[Judged]:
        """`judged` as it is now, while others go on calling."""
        with self._lock:
            return self.judged.copy()

    def denied(self, environ: dict[str, Any], region: str, service: str, operation: str, caller: str) -> Denial | None:
        """What AWS answers of the first need that the caller may not; None when it may all.

        `region` and `service`: those the request was signed for; `caller`: its access key id.
        """
        principal = self._principal(environ, caller, region)
        judged = self._judged(principal, environ, region, service, operation) if principal is not None else None
        return judged or self._first_use(principal, environ, region, service, operation)

    def _judged(self, principal: Principal, environ: dict[str, Any], region: str, service: str, operation: str) -> Denial | None:
        try:
            given = members(environ, service, operation)
            asked = needs(service, operation, given, region=region, account=self._account, lookup=self._lookup)
        except (MalformedRequestError, service_reference.UnknownActionError):
            return None  # the service itself refuses what it does not understand
        if decision := self.first_denied(principal, asked, region):
            return denial(decision, service)
        if service == "s3" and operation in _BY_KEY and self._absent(given):
            sees = Need("s3:ListBucket", (f"arn:aws:s3:::{given['Bucket']}",), source=GET_OBJECT)
            if not self.decide(principal, sees, region).allowed:
                return Denial("AccessDenied", "Access Denied", 403)
        return None

    def _first_use(
        self, principal: Principal | None, environ: dict[str, Any], region: str, service: str, operation: str
    ) -> Denial | None:
        """Makes the service-linked roles that a call needs and that are missing, in the caller's name."""
        missing = [use for use in linked_roles.USES.get((service, operation), ()) if not self._has(use)]
        if not missing:
            return None
        try:
            given = members(environ, service, operation)
        except MalformedRequestError:
            return None
        for use in (each for each in missing if each.when(given)):
            arn = use.role_arn(self._account)
            need = Need("iam:CreateServiceLinkedRole", (arn,), {"iam:AWSServiceName": (use.service,)}, source=LINKED)
            if principal is not None:
                decision = self.decide(principal, need, region)
                if not decision.allowed:
                    return denial(decision, service)
            linked_roles.make(self._account, use.service)
        return None

    def _has(self, use: linked_roles.Use) -> bool:
        return linked_roles.exists(self._account, use.service)

    def refused(
        self, principal: Principal, service: str, operation: str, given: Mapping[str, Any], region: str
    ) -> Decision | None:
        """The first need of a request that its caller may not; None when it may all. All are asked, and counted."""
        return self.first_denied(
            principal, needs(service, operation, given, region=region, account=self._account, lookup=self._lookup), region
        )

    def refused_as_role(
        self, session: Principal, service: str, operation: str, given: Mapping[str, Any], region: str
    ) -> Decision | None:
        """As `refused`, of what the role that a request hands over must be allowed."""
        asked = role_needs(service, operation, given, region=region, account=self._account, lookup=self._lookup)
        return self.first_denied(session, (need for role, need in asked if role == session.role_arn), region)

    def first_denied(self, principal: Principal, asked: Iterable[Need], region: str) -> Decision | None:
        """Of several needs; all are asked, and counted."""
        decisions = [self.decide(principal, need, region) for need in asked]
        return next((each for each in decisions if not each.allowed), None)

    def assume(self, role: str, service: Principal, *, session: str, region: str) -> Principal | Decision:
        """The session that a service of AWS begins of a role that it was given, or what refuses it."""
        decision = self.decide(service, Need("sts:AssumeRole", (role,)), region)
        return identities.session(role, session) if decision.allowed else decision

    def name(self, caller: str) -> str:
        """Of whoever an access key id belongs to, as calls are counted."""
        return callers.name(caller, self._account)

    def decide(self, principal: Principal, need: Need, region: str) -> Decision:
        """Whether the principal may, counted in `judged`."""
        decision = self._judge.decide(principal, need, Environment(region))
        judged = Judged(principal.arn, decision.action, decision.resource, decision.allowed, decision.why)
        with self._lock:
            self.judged[judged] += 1
            self.samples.setdefault(judged, Sample(principal, need, region))
        return decision

    def _absent(self, given: Mapping[str, Any]) -> bool:
        """Of a bucket that is there, a key that is not."""
        bucket = s3_backends[self._account]["aws"].buckets.get(given.get("Bucket", ""))
        return bucket is not None and given.get("Key", "") not in bucket.keys

    def _principal(self, environ: dict[str, Any], caller: str, region: str) -> Principal | None:
        """None for the root user. A function's home is its region, wherever it calls."""
        home = self._cloud.keys.home(environ.get("HTTP_X_AMZ_SECURITY_TOKEN", ""))
        try:
            return callers.principal(caller, region=region, home=home, account=self._account)
        except callers.UnknownKeyError:
            return None
