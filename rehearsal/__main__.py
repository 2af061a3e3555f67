"""`python -m rehearsal`: lose a region and get it back, or keep the embedded AWS up to work by hand.

Exit codes: 0 recovered and verified · 1 not recovered or not verified · 2 wrong input or a missing piece · 4 stopped by the
operator.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
from rich.console import Console

VERIFIED, NOT_VERIFIED, WRONG_INPUT, STOPPED = 0, 1, 2, 4
INTERRUPTED = 130
"""What typer makes of Ctrl-C."""
OUTPUT = Path("build/rehearsal")
USAGE: Any = typer.BadParameter.__base__
"""Everything typer says about a wrong command line; typer exports only this one of the family."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__, rich_markup_mode=None)

Environment = Annotated[str, typer.Option("--env", help="which environments/<name>.toml to rehearse")]
Primary = Annotated[str | None, typer.Option(help="override the strategy's primary region")]
Recovery = Annotated[str | None, typer.Option(help="override the strategy's recovery region")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="loopback port of the embedded AWS; 0 takes a free one")]


@app.command()
def run(
    *,
    scenario: Annotated[str, typer.Option(help="what is lost")] = "region-loss",
    seed: Annotated[int, typer.Option(min=0, help="the same seed makes the same bank and the same moment of loss")] = 1,
    fault: Annotated[str | None, typer.Option(help="something that goes wrong on top, and must be noticed")] = None,
    env: Environment = "dev",
    primary: Primary = None,
    recovery: Recovery = None,
    port: Port = 0,
    output: Annotated[Path, typer.Option(help="where result.json, report.html and the logs go")] = OUTPUT,
) -> None:
    """Rehearse one scenario from an empty machine to a verified result."""
    from rehearsal.session import Options, rehearse

    options = Options(env, primary, recovery, seed=seed, fault=fault, port=port, output=output)
    result = rehearse(scenario, options, Console())
    raise typer.Exit(VERIFIED if result.verified else NOT_VERIFIED)


@app.command()
def serve(*, env: Environment = "dev", primary: Primary = None, recovery: Recovery = None, port: Port = 0, seed: int = 1) -> None:
    """Deploy into an embedded AWS, load the bank, and keep it running until Ctrl-C."""
    from rehearsal.session import Options, keep_serving

    keep_serving(Options(env, primary, recovery, seed=seed, port=port), Console())


def main() -> int:
    """Run the command line; every expected failure is one line on stderr and a distinct exit code."""
    signal.signal(signal.SIGTERM, _interrupt)  # a supervisor's stop is cleaned up like Ctrl-C
    from rehearsal.session import UsageError

    try:
        code = app(standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except UsageError as error:
        return _say(str(error), WRONG_INPUT)
    except USAGE as error:
        return _say(f"{error.format_message()} (python -m rehearsal --help shows what there is)", WRONG_INPUT)
    if code == INTERRUPTED:
        return _say("stopped by the operator; everything that was started has been ended", STOPPED)
    return int(code or VERIFIED)


def _say(message: str, code: int) -> int:
    print(f"rehearsal: {message}", file=sys.stderr)  # noqa: T201  the one line the caller reads
    return code


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
