"""docs/permissions.md, from the grants of one environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from tools.permissions.calls import NOT_REHEARSED, without_call
from tools.permissions.grants import APPROVER, FAILOVER, OPERATOR, Grant

_PEOPLE = {
    OPERATOR: "People with the client: the managed policies of viewer and operator",
    APPROVER: "The second person: the managed policy of the approver",
    FAILOVER: "Whoever may plan a failover: the managed policy beside the operator's",
}


def render(granted: Iterable[Grant], *, environment: str, prefix: str, region: str) -> str:
    return "\n".join(_lines(sorted(granted), environment, prefix, region)) + "\n"


def _lines(granted: list[Grant], environment: str, prefix: str, region: str) -> Iterator[str]:
    yield from ("# Who may call what", "")
    yield from ("<!-- Written by `make docs` from the template of the dr stack: change dr_stack/. -->", "")
    yield f"Every role of `{prefix}-dr` in `{region}` (`{environment}`), read from its template. Each function and each workflow"
    yield "has a role of its own, and no action has a wildcard. The other region has the same, with its own ARNs. Where a"
    yield "resource has a wildcard, its reason stands beside the grant in the code; a test refuses one without."
    yield "A rehearsal counts every call by its caller, and a test compares the counts with this table: what was called is"
    yield "allowed here, and what is allowed was called, or has a reason that somebody reviewed."
    for caller, mine in groupby(granted, key=lambda each: each.caller):
        title = _PEOPLE.get(caller) or f"`{caller.removeprefix(f'{prefix}-')}`"
        yield from ("", f"## {title}", "", "| action | on | only with | when it is not simply called |", "|---|---|---|---|")
        for each in mine:
            on = "<br>".join(f"`{on}`" for on in each.resources if on.removesuffix(":*") == on or on[:-2] not in each.resources)
            rarely = NOT_REHEARSED.get((caller.removeprefix(f"{prefix}-"), each.action), "")
            condition = "<br>".join(f"`{part}`" for part in each.condition.split("; ") if part)
            yield f"| `{each.action}` | {on} | {condition} | {without_call(caller, each.action) or rarely} |"
