"""Which resources a backup selection covers, at the moment a rule runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from aws_rehearsal.backup import names
from aws_rehearsal.backup.protected import Protected

_TAG = "aws:ResourceTag/"


def selected(selection: Mapping[str, Any], region: str, kinds: Iterable[Protected], opted_in: Mapping[str, bool]) -> list[str]:
    """The ARNs a selection covers in this region.

    Resources without a wildcard are taken as they are: one that is gone fails its job, loudly. Wildcards and tags look at
    what exists, and obey the region's opt-in setting. Resources and ListOfTags add up; Conditions must all hold;
    NotResources are left out.
    """
    listed: list[str] = selection.get("Resources") or []
    conditions = selection.get("Conditions") or {}
    explicit = [arn for arn in listed if "*" not in arn]
    needs_search = len(explicit) < len(listed) or selection.get("ListOfTags") or any(conditions.values())
    known: dict[str, dict[str, str]] = {}
    if needs_search:
        for kind in kinds:
            found = dict(kind.resources(region))
            known |= found if opted_in.get(kind.type_name) else {arn: found[arn] for arn in explicit if arn in found}
    arns = [arn for arn in explicit if names.region_of(arn) == region]
    arns += [arn for arn, tags in known.items() if arn not in explicit and _covered(selection, arn, tags)]
    excluded = selection.get("NotResources") or []
    return [
        arn
        for arn in arns
        if not any(fnmatchcase(arn, pattern) for pattern in excluded) and _conditions_hold(conditions, known.get(arn, {}))
    ]


def _covered(selection: Mapping[str, Any], arn: str, tags: Mapping[str, str]) -> bool:
    wanted = selection.get("ListOfTags") or []
    patterns = selection.get("Resources") or []
    if not wanted and not patterns:
        return True  # a selection of conditions alone looks at everything
    by_tag = any(tags.get(each["ConditionKey"]) == each["ConditionValue"] for each in wanted)
    return by_tag or any(fnmatchcase(arn, pattern) for pattern in patterns)


def _conditions_hold(conditions: Mapping[str, Any], tags: Mapping[str, str]) -> bool:
    tests: dict[str, Callable[[str | None, str], bool]] = {
        "StringEquals": lambda value, wanted: value == wanted,
        "StringNotEquals": lambda value, wanted: value != wanted,
        "StringLike": lambda value, wanted: value is not None and fnmatchcase(value, wanted),
        "StringNotLike": lambda value, wanted: value is None or not fnmatchcase(value, wanted),
    }
    return all(
        test(tags.get(each["ConditionKey"].removeprefix(_TAG)), each["ConditionValue"])
        for operator, test in tests.items()
        for each in conditions.get(operator) or []
    )
