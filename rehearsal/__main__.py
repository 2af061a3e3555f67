"""`python -m rehearsal`: damage a store or lose a region and get it back, or keep the embedded AWS up to work by hand.

Exit codes: 0 recovered and verified · 1 not recovered or not verified · 2 wrong input or a missing piece · 4 stopped by the
operator.
"""

from __future__ import annotations

import contextlib
import gc
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from recovery.cli.exit_codes import ExitCode
from recovery.cli.exit_codes import run as run_command_line
from rehearsal.options import Options, UsageError
from rehearsal.synthesis import begin

OUTPUT = Path("build/rehearsal")
GARBAGE_THRESHOLD = 100_000
"""Objects between two looks for garbage: the service models are millions of objects that live as long as the process."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__, rich_markup_mode=None)

Environment = Annotated[str, typer.Option("--env", help="which environments/<name>.toml to rehearse")]
Primary = Annotated[str | None, typer.Option(help="override the strategy's primary region")]
Recovery = Annotated[str | None, typer.Option(help="override the strategy's recovery region")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="loopback port of the embedded AWS; 0 takes a free one")]


@app.command()
def run(
    *,
    scenario: Annotated[str, typer.Option(help="what is damaged or lost, by route; `all-routes` for one after another")] = (
        "region-loss"
    ),
    seed: Annotated[int, typer.Option(min=0, help="the same seed makes the same bank and the same moment of loss")] = 1,
    fault: Annotated[list[str], typer.Option(help="something that goes wrong on top; more than once for a worse night")] = [],  # noqa: B006
    env: Environment = "dev",
    primary: Primary = None,
    recovery: Recovery = None,
    port: Port = 0,
    output: Annotated[Path, typer.Option(help="where result.json, report.html and the logs go")] = OUTPUT,
    assembly: Annotated[Path | None, typer.Option(hidden=True, help="deploy what was synthesised before")] = None,
) -> None:
    """Rehearse one scenario from an empty machine to a verified result."""
    options = Options(env, primary, recovery, seed=seed, faults=tuple(fault), port=port, output=output, assembly=assembly)
    with contextlib.nullcontext() if assembly else begin(scenario, options) as synthesis:
        from rehearsal.session import rehearse

        result = rehearse(scenario, options, Console(), synthesis=synthesis)
    raise typer.Exit(ExitCode.DONE if result.verified else ExitCode.NOT_KEPT)


@app.command()
def serve(*, env: Environment = "dev", primary: Primary = None, recovery: Recovery = None, port: Port = 0, seed: int = 1) -> None:
    """Deploy into an embedded AWS, load the bank, and keep it running until Ctrl-C."""
    from rehearsal.session import keep_serving

    keep_serving(Options(env, primary, recovery, seed=seed, port=port), Console())


@app.command()
def faults(
    *,
    runs: Annotated[int, typer.Option(min=1, help="how many")] = 20,
    first: Annotated[int, typer.Option(min=0, help="seed of the first; the others follow")] = 1,
    env: Environment = "dev",
    output: Annotated[Path, typer.Option(help="where faults.json and the logs go")] = Path("build/faults"),
) -> None:
    """Restore under seeded trouble: throttling, failing jobs, disabled keys, stopped executions; each must end well."""
    from rehearsal.fault_series import trials

    found = trials(Options(env, output=output), range(first, first + runs), Console())
    raise typer.Exit(ExitCode.NOT_KEPT if any(run.problems for run in found) else ExitCode.DONE)


def main() -> int:
    """Run the command line; every expected failure is one line on stderr and a distinct exit code."""
    for stop in (signal.SIGINT, signal.SIGTERM):  # a supervisor's stop too; and a shell's background job ignores SIGINT
        signal.signal(stop, _interrupt)
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 20)
    code = run_command_line(app, None, program="rehearsal", wrong_input=(UsageError,))
    gc.freeze()  # nothing is left but memory: leave it to the system, rather than walk it for two seconds
    return code


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
