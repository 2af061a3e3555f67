"""The recovery client as a person uses it: its own process, with the credentials of her session, told the virtual time."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from recovery.aws import Region, caller
from recovery.restore.plan import Plan
from recovery.restore.planner import Asked, make_plan
from rehearsal.progress import Detail
from rehearsal.scenarios.base import Context
from rehearsal.scenarios.people import Duty

ROOT = Path(__file__).resolve().parents[2]
_NOT_OURS = ("AWS_", "CDK_", "MOTO_")
"""What the surroundings may say of another AWS."""


@dataclass(frozen=True)
class Answer:
    """What the command ended with, and all that it said."""

    command: str
    code: int
    said: str


@contextlib.contextmanager
def running(
    context: Context, *words: str, region: str | None = None, duty: Duty = Duty.OPERATOR
) -> Iterator[subprocess.Popen[str]]:
    """`python -m recovery …` in a region (the primary), as a process of its own; ended when the block is left early.

    `duty`: of whoever types it, in a session that begins with the command.
    """
    with subprocess.Popen(
        [sys.executable, "-m", *_command(context, words, region)],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
        | signed_in(context, duty, region),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def recovery(
    context: Context,
    *words: str,
    detail: Detail | None = None,
    region: str | None = None,
    duty: Duty = Duty.OPERATOR,
) -> Answer:
    """Run the client to its end; the live line shows what it says, `client.log` keeps it."""
    lines: list[str] = []
    with running(context, *words, region=region, duty=duty) as process:
        for line in process.stdout or ():
            lines.append(line)
            if detail is not None and line.strip():
                detail.now(line.strip()[:100])
    said, command = "".join(lines), f"python -m {' '.join(_command(context, words, region))}"
    with (context.directory / "client.log").open("a", encoding="utf-8") as log:
        log.write(f"$ {command}\n{said}(exit {process.returncode})\n\n")
    return Answer(command, process.returncode, said)


def planned(context: Context, asked: Asked) -> Plan:
    """The plan that the client makes, in this process: quicker than a command."""
    strategy = context.strategy
    with mock.patch.dict(os.environ, signed_in(context, Duty.OPERATOR)):
        region = Region(context.primary)
        made_by = caller(region, strategy.account, context.environment)
        return make_plan(strategy, region, asked, now=context.cloud.clock.now(), made_by=made_by).plan


def signed_in(context: Context, duty: Duty, region: str | None = None) -> dict[str, str]:
    """A new session's credentials, and where AWS is: the environment of a command in a region (the primary)."""
    return {
        **context.people.session(context.strategy, duty, region or context.primary).environment(),
        "AWS_ENDPOINT_URL": context.cloud.endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "COLUMNS": "120",
    }


def _command(context: Context, words: Sequence[str], region: str | None) -> list[str]:
    where = ["--env", context.environment, "--region", region or context.primary]
    return ["recovery", *words, *where, "--now", context.cloud.clock.now().isoformat(timespec="seconds")]
