"""Running the real, unmodified CDK command line against the embedded AWS.

Enters: a cloud and arguments. Leaves: nothing but the deployed stacks, and a log. The environment is scrubbed: no profile, no
credentials and no endpoint of the person who rehearses can leak in, so a stray call cannot reach a real account.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from deployment.deploy import deploy
from strategy import Strategy

if TYPE_CHECKING:  # importing a cloud takes seconds, in which a synthesis runs already
    from aws_rehearsal import Cloud

ROOT = Path(__file__).resolve().parent.parent
CDK = ROOT / "node_modules" / ".bin" / "cdk"
NOWHERE = "http://localhost:9"
"""The endpoint of a command that needs no cloud: nobody answers there, least of all AWS."""


DEPLOYER = "deployer"
"""Access key id by which the embedded AWS tells the command line's calls from others."""


class CdkError(Exception):
    """The command line failed; the message has its last lines and where the log is."""


class CommandLine:
    """The CDK command line; every command appends to `log`. Leaving it ends what still runs."""

    def __init__(self, *, log: Path) -> None:
        self._log = log
        self._running: set[subprocess.Popen[str]] = set()
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in list(self._running):
            _end(process)

    def synth(self, context: Mapping[str, str], *, assembly: Path) -> None:
        """Synthesise every stack into `assembly`; needs no cloud, and may run while it is bootstrapped."""
        self._run(["synth", "--quiet", "--output", str(assembly), *_context(context)], directory=ROOT)

    def environment(self) -> dict[str, str]:
        """The environment of the command line: this machine's, without anything of AWS's, CDK's or Python's, plus dummies."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_", "MOTO_", "PYTHON"))}
        region = "us-east-1"
        return kept | {
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ENDPOINT_URL": NOWHERE,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "CI": "true",
            "FORCE_COLOR": "0",
        }

    def _run(self, arguments: list[str], *, directory: Path, heard: Callable[[str], None] = lambda _: None) -> None:
        lines = [f"$ cdk {' '.join(arguments)}\n"]
        try:
            with self._process(arguments, directory) as process:
                for line in process.stdout or ():
                    lines.append(line)
                    heard(line.strip())
                status = process.wait()
        finally:
            with self._log.open("a", encoding="utf-8") as log:  # whole commands: two may run at once
                log.writelines(lines)
        if status != 0:
            tail = "".join([line for line in lines[1:] if line.strip()][-8:]).rstrip()
            raise CdkError(f"cdk {arguments[0]} failed (exit {status}); the whole output is in {self._log}\n{tail}")

    @contextmanager
    def _process(self, arguments: list[str], directory: Path) -> Iterator[subprocess.Popen[str]]:
        """A process group of its own, ended with everything in it (node, the app's python) whatever happens."""
        process = subprocess.Popen(
            [str(CDK), *arguments],
            cwd=directory,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._running.add(process)
        try:
            yield process
        finally:
            _end(process)
            self._running.discard(process)
            if process.stdout is not None:
                process.stdout.close()


class Cdk(CommandLine):
    """The CDK command line, bound to one cloud."""

    def __init__(self, cloud: Cloud, *, log: Path) -> None:
        super().__init__(log=log)
        self._cloud = cloud

    def bootstrap(self, *regions: str) -> None:
        from aws_rehearsal import ACCOUNT

        # From a folder without cdk.json: bootstrapping needs no app, and so no synthesis.
        self._run(["bootstrap", *(f"aws://{ACCOUNT}/{region}" for region in regions)], directory=self._cloud.directory)

    def deploy(self, strategy: Strategy, *, assembly: Path, progress: Callable[[str], None], imports: bool = False) -> None:
        """Deploy every stack of `assembly`, as `make deploy` does it; `progress` hears each line worth showing.

        `imports`: what is new in a template and stands already is taken over.
        """
        options = ["--import-existing-resources"] if imports else []
        options += ["--app", str(assembly), "--require-approval", "never", "--concurrency", "4", "--progress", "events"]

        def cdk(*command: str) -> None:
            self._run(["deploy", *command, *options], directory=ROOT, heard=progress)

        deploy(strategy, cdk=cdk, client=self._cloud.client)

    def environment(self) -> dict[str, str]:
        """As any command's, with the cloud as its AWS, and the deployer's credentials."""
        signed = self._cloud.credentials(DEPLOYER).environment()
        return super().environment() | signed | {"AWS_ENDPOINT_URL": self._cloud.endpoint}


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=120)


def _context(values: Mapping[str, str]) -> list[str]:
    return [word for name, value in values.items() for word in ("-c", f"{name}={value}")]
