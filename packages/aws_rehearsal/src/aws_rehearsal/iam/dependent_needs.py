"""What a call needs besides its own action: the rights that AWS uses in the caller's name, each with the document that says so.

The Service Authorization Reference lists dependent actions, but not when a request needs them nor on what; the rules say both.
A rule looks at one call and yields what it needs; `_RULES` names the operations that it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from aws_rehearsal.iam import dependent_databases, dependent_keys, dependent_roles, dependent_services, dependent_tags
from aws_rehearsal.iam.call import Call
from aws_rehearsal.iam.need import Need


def of_caller(call: Call, own: list[Need]) -> Iterator[Need]:
    """`own` is what the call needs by itself: a tag is put on the same resources."""
    name = f"{call.prefix}:{call.operation}"
    yield from dependent_tags.of(call, own)
    yield from dependent_roles.of(call)
    for rules in (dependent_keys.RULES, dependent_databases.RULES, dependent_services.RULES):
        for rule in rules.get(name, ()):
            yield from rule(call)


def of_roles(call: Call) -> Iterator[tuple[str, Need]]:
    for rule in dependent_services.RULES_OF_ROLES.get(f"{call.prefix}:{call.operation}", ()):
        yield from rule(call)
