"""The recovery client as a person uses it: its own process, with an operator's credentials, told the virtual time."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from recovery.aws import Region
from recovery.restore.plan import Plan
from recovery.restore.planner import Asked, make_plan
from rehearsal.progress import Detail
from rehearsal.scenarios.base import Context

ROOT = Path(__file__).resolve().parents[2]
OPERATOR = "operator"
"""Access key id by which the embedded AWS tells the operator's calls from others."""
SECOND = "second-person"
"""Name of the user who approves."""
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
    context: Context, *words: str, region: str | None = None, person: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """`python -m recovery …` in a region (the primary), as a process of its own; ended when the block is left early.

    `person`: credentials of somebody other than the operator.
    """
    with subprocess.Popen(
        [sys.executable, "-m", *_command(context, words, region)],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
        | _operator(context)
        | dict(person or {}),
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
    person: Mapping[str, str] | None = None,
) -> Answer:
    """Run the client to its end; the live line shows what it says, `client.log` keeps it."""
    lines: list[str] = []
    with running(context, *words, region=region, person=person) as process:
        for line in process.stdout or ():
            lines.append(line)
            if detail is not None and line.strip():
                detail.now(line.strip()[:100])
    said, command = "".join(lines), f"python -m {' '.join(_command(context, words, region))}"
    with (context.directory / "client.log").open("a", encoding="utf-8") as log:
        log.write(f"$ {command}\n{said}(exit {process.returncode})\n\n")
    return Answer(command, process.returncode, said)


def second_person(context: Context) -> dict[str, str]:
    """Credentials of somebody whom AWS knows by another name than the operator."""
    iam = context.cloud.client("iam", context.recovery)
    iam.create_user(UserName=SECOND)
    key = iam.create_access_key(UserName=SECOND)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def planned(context: Context, asked: Asked) -> Plan:
    """The plan that the client makes, in this process: quicker than a command."""
    with mock.patch.dict(os.environ, _operator(context)):
        region = Region(context.primary)
        return make_plan(context.strategy, region, asked, now=context.cloud.clock.now(), made_by=OPERATOR).plan


def _command(context: Context, words: Sequence[str], region: str | None) -> list[str]:
    where = ["--env", context.environment, "--region", region or context.primary]
    return ["recovery", *words, *where, "--now", context.cloud.clock.now().isoformat(timespec="seconds")]


def _operator(context: Context) -> dict[str, str]:
    """The operator's credentials, and where AWS is."""
    return {
        **context.cloud.credentials(OPERATOR).environment(),
        "AWS_ENDPOINT_URL": context.cloud.endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "COLUMNS": "120",
    }
