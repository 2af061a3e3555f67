"""The synthesis of a rehearsal's stacks. It needs no cloud, so it begins before the modules that make one are imported: both take
seconds, and a synthesis is the longer one.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from aws_rehearsal import ForeignFolder
from rehearsal.cdk import CommandLine
from rehearsal.options import Options, UsageError
from rehearsal.output import claim
from strategy import Strategy, StrategyError, load


class Synthesis:
    """`cdk synth`, in the background from its making on. Leaving it ends what still runs."""

    def __init__(self, settings: Mapping[str, str], *, assembly: Path, log: Path) -> None:
        self.assembly = assembly
        self._cdk = CommandLine(log=log)
        self._threads = ThreadPoolExecutor(max_workers=1)
        self._done: Future[None] = self._threads.submit(self._cdk.synth, settings, assembly=assembly)

    def wait(self) -> None:
        """Until the assembly is there. Raises CdkError."""
        self._done.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._cdk.__exit__(kind, error, trace)
        self._threads.shutdown()


def begin(scenario: str, options: Options) -> Synthesis:
    """Of the stacks that `options` ask for; the output folder is claimed. Raises UsageError when the input is refused."""
    options.check(scenario)
    try:
        strategy = load(options.environment, primary=options.primary, recovery=options.recovery)
    except StrategyError as error:
        raise UsageError(str(error)) from error
    claim_output(options)
    return of(strategy, environment=named(options.environment), directory=options.output)


def of(strategy: Strategy, *, environment: str, directory: Path) -> Synthesis:
    """`environment`: as the CDK finds it. The assembly and the log go into `directory`."""
    regions = strategy.regions
    settings = {"environment": environment, "primary": regions.primary, "recovery": regions.recovery}
    return Synthesis(settings, assembly=directory / "cdk.out", log=directory / "synth.log")


def claim_output(options: Options) -> None:
    """Raises UsageError for a folder that no rehearsal made, and when the functions are not bundled."""
    for bundle in ("build/functions", "build/functions-signatures"):
        if not Path(bundle).is_dir():
            raise UsageError(f"{bundle} is missing: run `make bundle` first (`make rehearse` does)")
    try:
        claim(options.output)
    except ForeignFolder as error:
        raise UsageError(str(error)) from error


def named(environment: str) -> str:
    """A path as every command finds it, whatever folder it runs in."""
    return str(Path(environment).resolve()) if environment.endswith(".toml") else environment
