"""`python -m rehearsal.alarm_trials --days 30`: quiet days, then every alarm's cause; prints figures, and on stderr what
failed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from rehearsal.alarm_trials.site import Site
from rehearsal.alarm_trials.trial import THINNED, Verdict, whole
from rehearsal.bank.generator import generate
from rehearsal.options import Options
from rehearsal.session import deploy_and_load, prepared

SEED = 11


@contextmanager
def watched(folder: Path, assembly: Path | None = None) -> Iterator[Site]:
    """A deployed environment, monitored from its first minute, with a branch of the bank whose services are at rest."""
    with (
        (folder / "progress.log").open("w") as log,
        prepared(Options("dev", seed=SEED, output=folder / "rehearsal"), Console(file=log)) as context,
    ):
        context.cloud.monitored = True
        world = deploy_and_load(context, bank=generate(SEED).branch(60, 20), assembly=assembly)
        world.application.stop()
        yield Site(context.cloud, context.strategy)


def figures(verdict: Verdict) -> dict[str, float]:
    return {
        "alarms.total": verdict.total,
        "alarms.proven_to_fire": len(verdict.proven),
        "alarms.false_in_quiet_days": len(verdict.false),
        "alarms.quiet_days": round(verdict.quiet_days, 2),
        "alarms.digests": verdict.digests,
        "alarms.unexpected": len(verdict.unexpected),
        "alarms.uncleared": len(verdict.uncleared),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rehearsal.alarm_trials", description=__doc__)
    parser.add_argument("--days", type=float, default=30, help="quiet days before anything breaks")
    days = parser.parse_args().days
    with tempfile.TemporaryDirectory() as folder, watched(Path(folder)) as site:
        verdict = whole(site, timedelta(days=days))
    print(THINNED, *verdict.false, *verdict.unproven, *verdict.unexpected, *verdict.uncleared, sep="\n", file=sys.stderr)  # noqa: T201
    print(json.dumps(figures(verdict)))  # noqa: T201


if __name__ == "__main__":
    main()
