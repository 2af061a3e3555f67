"""The auditor's report of a rehearsal: the client's own, from the records that the deployed workflows and functions left.

What the rehearsal's few virtual days did not do reads *unproved* or *overdue* there, as it must.
"""

from __future__ import annotations

import json
from pathlib import Path

from rehearsal.scenarios.base import Context
from rehearsal.scenarios.client import recovery
from rehearsal.scenarios.people import Duty
from strategy.catalogue import names


def audit(context: Context) -> Path | None:
    """The page, from the region that is left; None, and a finding of the rehearsal, when none was written."""
    folder = context.directory / "audit"
    for old in folder.glob("*"):
        old.unlink()
    _seal(context)
    answer = recovery(context, "report", "--out", str(folder.resolve()), region=context.recovery, duty=Duty.AUDITOR)
    page = next(iter(folder.glob("*.html")), None)
    if page is None:
        context.result.findings.append(f"no report was written: {answer.said.strip()[-200:]}")
    return page


def _seal(context: Context) -> None:
    """What the clock does within the hour."""
    name = names.function(context.strategy.prefix, "seal-evidence")
    answer = context.cloud.client("lambda", context.recovery).invoke(FunctionName=name, Payload=b"{}")
    if "FunctionError" in answer:
        said = json.loads(answer["Payload"].read())
        context.result.findings.append(f"{name} could not seal the evidence: {said.get('errorMessage', said)}")
