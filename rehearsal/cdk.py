"""Running the real, unmodified CDK command line against the embedded AWS.

Enters: a cloud and arguments. Leaves: nothing but the deployed stacks, and a log. The environment is scrubbed: no profile, no
credentials and no endpoint of the person who rehearses can leak in, so a stray call cannot reach a real account.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rehearsal.cloud import ACCOUNT, Cloud

ROOT = Path(__file__).resolve().parent.parent
CDK = ROOT / "node_modules" / ".bin" / "cdk"


class CdkError(Exception):
    """The command line failed; the message has its last lines and where the log is."""


class Cdk:
    """The CDK command line, bound to one cloud; every command appends to `log`."""

    def __init__(self, cloud: Cloud, *, log: Path) -> None:
        self._cloud = cloud
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("")

    def bootstrap(self, *regions: str) -> None:
        # From a folder without cdk.json: bootstrapping needs no app, and so no synthesis.
        self._run(["bootstrap", *(f"aws://{ACCOUNT}/{region}" for region in regions)], directory=self._cloud.directory)

    def deploy(self, environment: str, *context: str, assembly: Path, progress: Callable[[str], None]) -> None:
        """Synthesise and deploy every stack; `progress` hears each line worth showing."""
        arguments = ["deploy", "--all", "-c", f"environment={environment}", "--require-approval", "never", "--concurrency", "4"]
        for each in context:
            arguments += ["-c", each]
        self._run([*arguments, "--output", str(assembly), "--progress", "events"], directory=ROOT, heard=progress)

    def environment(self) -> dict[str, str]:
        """The environment of the command line: this machine's, without anything of AWS's, CDK's or Python's, plus dummies."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_", "MOTO_", "PYTHON"))}
        region = "us-east-1"
        return kept | {
            "AWS_ACCESS_KEY_ID": "rehearsal",
            "AWS_SECRET_ACCESS_KEY": "rehearsal",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ENDPOINT_URL": self._cloud.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "CI": "true",
            "FORCE_COLOR": "0",
        }

    def _run(self, arguments: list[str], *, directory: Path, heard: Callable[[str], None] = lambda _: None) -> None:
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"$ cdk {' '.join(arguments)}\n")
            with self._process(arguments, directory) as process:
                lines = []
                for line in process.stdout or ():
                    log.write(line)
                    lines.append(line.rstrip())
                    heard(line.strip())
                status = process.wait()
        if status != 0:
            tail = "\n".join([line for line in lines if line.strip()][-8:])
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
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=10)
