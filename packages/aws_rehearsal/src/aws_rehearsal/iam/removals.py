"""Least privilege, measured: each right that a role has is taken away in turn, and what was decided is decided again without it.

A right is one action of one Allow statement. Nothing in the cloud changes: the policies that are judged by are copies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from aws_rehearsal.iam import identities
from aws_rehearsal.iam.documents import Document, Statement
from aws_rehearsal.iam.evaluation import Policy
from aws_rehearsal.iam.guard import Sample
from aws_rehearsal.iam.judge import Judge
from aws_rehearsal.iam.patterns import Pattern
from aws_rehearsal.iam.request import Environment


@dataclass(frozen=True)
class Removal:
    """One right of a role, and what was noticed of its absence.

    `action`: as the policy has it, in lower case. `used`: something that was decided for this role needs an action that it names.
    `denied`: the actions that were allowed and are not any more; none where another statement allows them too, or where the right
    is for other resources than were asked for.
    """

    policy: str
    statement: str
    action: str
    used: bool
    denied: tuple[str, ...]


def removals(roles: Iterable[str], samples: Iterable[Sample]) -> Iterator[tuple[str, Removal]]:
    """The ARN of each of the roles, with each of its rights. What others asked for, or was denied, says nothing here."""
    by_role: dict[str, list[Sample]] = defaultdict(list)
    judge = Judge()
    for sample in samples:
        by_role[sample.principal.role_arn].append(sample)
    for role in roles:
        identity, _ = identities.attached(identities.session(role, "removals"))
        allowed = [each for each in by_role[role] if _allowed(judge, each, identity)]
        for policy in identity:
            for statement in policy.document.statements:
                if not statement.denies and not statement.not_action:
                    for action in statement.actions:
                        asking = [each for each in allowed if _names(statement, action, each.need.action)]
                        left = tuple(_without(each, statement, action) if each is policy else each for each in identity)
                        denied = sorted({each.need.action for each in asking if not _allowed(judge, each, left)})
                        removal = Removal(policy.name, statement.label, action.text, used=bool(asking), denied=tuple(denied))
                        yield role, removal


def _names(statement: Statement, action: Pattern, asked: str) -> bool:
    return replace(statement, actions=(action,)).names_action(asked.lower())


def _allowed(judge: Judge, sample: Sample, identity: tuple[Policy, ...]) -> bool:
    return judge.decide(sample.principal, sample.need, Environment(sample.region), identity=identity).allowed


def _without(policy: Policy, statement: Statement, action: Pattern) -> Policy:
    kept = tuple(each for each in statement.actions if each is not action)
    statements = (replace(each, actions=kept) if each is statement else each for each in policy.document.statements)
    return Policy(policy.name, Document(tuple(each for each in statements if each.actions)))
