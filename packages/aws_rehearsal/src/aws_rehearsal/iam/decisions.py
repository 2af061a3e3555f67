"""What was decided, in the words of AWS and in those of somebody who looks for the fault.

The sentences are those of the IAM User Guide, "Troubleshoot access denied error messages". Error codes are each service's own:
"Common errors" of its API Reference, and the error shapes of its service model.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from aws_rehearsal.iam.principals import Principal


class Layer(Enum):
    """Kinds of policies, as AWS's messages call them."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    RESOURCE = "resource-based policy"
    TRUST = "role trust policy"
    GRANT = "grant"
    ROOT = "root user"
    OPEN = "no permission"
    """The action needs none."""


_ARTICLE = {Layer.IDENTITY: "an", Layer.TRUST: "the"}


@dataclass(frozen=True)
class Finding:
    """A statement that decided: `policy` is the name or ARN of the policy, `statement` its Sid, or its place."""

    policy: str
    statement: str
    layer: Layer

    def __str__(self) -> str:
        return f"{self.policy} ({self.statement})"


@dataclass(frozen=True)
class Decision:
    """Whether one action on one resource is allowed, and why."""

    allowed: bool
    principal: Principal
    action: str
    resource: str
    layer: Layer
    """Where the allowing or denying statement stands, or where one is missing."""
    by: Finding | None = None
    """The statement that allowed or denied; None where one is missing."""
    explicit: bool = False
    """Denied by a statement, and not for want of one."""
    missing: str = ""
    """For an implicit denial: the statement that is not there, and those that nearly were."""
    said: str = ""
    """AWS's whole message, where it is none of the usual ones."""

    @property
    def why(self) -> str:
        """For records: the statement that decided, or what was missing."""
        return str(self.by) if self.by else self.missing

    @property
    def sentence(self) -> str:
        """What AWS says of a denial."""
        return self.said or f"User: {self.principal.arn} is not authorized to perform: {self._what()} {self._because()}"

    def _what(self) -> str:
        action, resource = _spelled(self.action), self.resource
        if resource == "*":
            return action
        if action in _ON_A_CIPHERTEXT:
            return f"{action} on the resource associated with this ciphertext"
        return f'{action} on resource: "{resource}"' if action.startswith("s3:") else f"{action} on resource: {resource}"

    def _because(self) -> str:
        if self.explicit:
            return f"with an explicit deny in {_ARTICLE.get(self.layer, 'a')} {self.layer.value}"
        return f"because no {self.layer.value} allows the {_spelled(self.action)} action"


@dataclass(frozen=True)
class Denial:
    """The error that a caller receives."""

    code: str
    message: str
    status: int


_ON_A_CIPHERTEXT = frozenset({"kms:Decrypt", "kms:ReEncryptFrom"})
"""KMS finds their key in the ciphertext, and its message names none."""


def _spelled(action: str) -> str:
    """An action as the service's message spells it: SNS in capitals, SQS all in small letters."""
    prefix, _, name = action.partition(":")
    if prefix == "sns":
        return f"SNS:{name}"
    return action.lower() if prefix == "sqs" else action


_CODES: dict[str, tuple[str, int]] = {
    "ec2": ("UnauthorizedOperation", 403),
    "sns": ("AuthorizationError", 403),
    **dict.fromkeys(
        (
            "autoscaling",
            "cloudformation",
            "elasticache",
            "elasticbeanstalk",
            "elasticloadbalancing",
            "iam",
            "monitoring",
            "rds",
            "route53",
            "s3",
            "sqs",
            "sts",
        ),
        ("AccessDenied", 403),
    ),
    **dict.fromkeys(("backup", "lambda", "scheduler", "ssm-incidents", "arc-region-switch"), ("AccessDeniedException", 403)),
}
"""Of each service by the name that requests are signed with; whatever speaks JSON and is not here: AccessDeniedException, 400."""
_KEY_CODES: dict[str, tuple[str, int]] = {
    "rds": ("KMSKeyNotAccessibleFault", 400),
    "sns": ("KMSAccessDenied", 400),
    "sqs": ("KmsAccessDenied", 400),
    "lambda": ("KMSAccessDeniedException", 502),
}
"""Where the key's refusal reaches the caller of another service by a code of that service's own."""


def denial(decision: Decision, service: str) -> Denial:
    """The error of a request to `service` (the name it was signed with) that a decision refuses."""
    if decision.action.lower().startswith("kms:") and service != "kms":
        return _of_a_key(decision, service)
    code, status = _CODES.get(service, ("AccessDeniedException", 400))
    if service == "ec2":
        return Denial(code, f"You are not authorized to perform this operation. {decision.sentence}", status)
    return Denial(code, decision.sentence, status)


def _of_a_key(decision: Decision, service: str) -> Denial:
    """A key that another service may not use for the caller."""
    code, status = _KEY_CODES.get(service) or _CODES.get(service, ("AccessDeniedException", 400))
    if service == "rds":
        key = decision.resource
        message = f"The specified KMS key [{key}] does not exist, is not enabled or you do not have permissions to access it."
        return Denial(code, message, status)
    if service == "secretsmanager":
        return Denial(code, "Access to KMS is not allowed", status)
    if service == "lambda":
        message = "Lambda was unable to decrypt the environment variables because KMS access was denied."
        return Denial(code, f"{message} Please check the function's KMS key settings. KMS Exception: {decision.sentence}", status)
    return Denial(code, decision.sentence, status)
