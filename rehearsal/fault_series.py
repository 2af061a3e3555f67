"""Many seeded fault runs on one small deployment, and what they came to."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from functools import partial

from rich.console import Console
from rich.markup import escape

from rehearsal.bank.generator import generate
from rehearsal.options import Options
from rehearsal.scenarios import Context
from rehearsal.scenarios.fault_runs import FaultBench, FaultRun, figures
from rehearsal.session import deploy_and_load, prepared

ROWS, ITEMS = 60, 60
"""Of each table, and of items: content is compared, and size is not the point."""


def trials(options: Options, seeds: Iterable[int], console: Console) -> list[FaultRun]:
    """Run every seed, say what each came to, and write `faults.json`."""
    runs = []
    for run in each_trial(options, seeds, console):
        runs.append(run)
        mark = "[red]✗[/]" if run.problems else "[green]✓[/]"
        console.print(f" {mark} {escape(str(run))} [dim]{run.seconds:.1f} s[/]", highlight=False)
    found = {"figures": figures(runs), "problems": [str(run) for run in runs if run.problems]}
    (options.output / "faults.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return runs


def each_trial(
    options: Options, seeds: Iterable[int], console: Console, *, make: Callable[[Context], FaultBench] | None = None
) -> Generator[FaultRun, None, None]:
    """One after another, as they end, in a world that is deployed before the first and gone after the last.

    A run that went wrong costs itself alone: what it broke may stand in the next one's way, which gets a world of its own.
    """
    waiting = deque(seeds)
    while waiting:
        with prepared(replace(options, faults=()), console) as context:
            bench = (make or partial(_bench, options))(context)
            well = True
            while waiting and well:
                run = bench.run(waiting.popleft())
                yield run
                well = not run.problems


def _bench(options: Options, context: Context) -> FaultBench:
    bank = generate(context.seed).branch(ROWS, ITEMS)
    return FaultBench(context, deploy_and_load(context, bank=bank, assembly=options.assembly))
