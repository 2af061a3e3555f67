"""What the digest counts of a day's jobs, in CloudWatch's embedded format: the dashboard shows it over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recovery.digest.digest import Digest
from recovery.metric import document
from strategy.catalogue import names
from strategy.catalogue.metrics import JOB_LONGEST, JOB_SUCCESS, JOB_TYPICAL


def documents(digest: Digest) -> Iterator[Mapping[str, Any]]:
    """One for each kind of job that had any; none of a day without."""
    for each in digest.sums or ():
        counts = {JOB_SUCCESS: 100 * each.success} if each.success is not None else {}
        if each.typical is not None and each.longest is not None:
            counts |= {JOB_TYPICAL: each.typical.total_seconds() / 60, JOB_LONGEST: each.longest.total_seconds() / 60}
        if counts:
            dimensions = {"Region": digest.region, "Kind": each.kind}
            yield document(names.digest_namespace(digest.prefix), dimensions, counts, digest.now, {JOB_SUCCESS: "Percent"})
