"""The recovery client as a person uses it: its own process, with an operator's credentials, told the virtual time."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from recovery.__main__ import main
from recovery.restore.plan import Plan
from rehearsal.progress import Detail
from rehearsal.scenarios.base import Context, ScenarioFailed

ROOT = Path(__file__).resolve().parents[2]
OPERATOR = "operator"
"""Access key id by which the embedded AWS tells the operator's calls from others."""
REAL_SECONDS = 240.0


@dataclass(frozen=True)
class Answer:
    """What the command ended with, and all that it said."""

    command: str
    code: int
    said: str


def recovery(context: Context, *words: str, detail: Detail | None = None) -> Answer:
    """Run `python -m recovery …` in the primary region; the live line shows what it says, `client.log` keeps it."""
    where = ["--env", context.strategy.environment, "--region", context.primary]
    command = ["recovery", *words, *where, "--now", context.cloud.clock.now().isoformat(timespec="seconds")]
    lines: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment(context),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            for line in process.stdout or ():
                lines.append(line)
                if detail is not None and line.strip():
                    detail.now(line.strip()[:100])
        except BaseException:
            process.terminate()
            raise
    said = "".join(lines)
    with (context.directory / "client.log").open("a", encoding="utf-8") as log:
        log.write(f"$ python -m {' '.join(command)}\n{said}(exit {process.returncode})\n\n")
    return Answer(f"python -m {' '.join(command)}", process.returncode, said)


def planned(context: Context, *words: str) -> Plan:
    """The plan that the client makes, in this process: quicker, and its clock is the virtual one."""
    where = ["--env", context.strategy.environment, "--region", context.primary, "--json"]
    said = io.StringIO()
    with mock.patch.dict(os.environ, environment(context), clear=True), contextlib.redirect_stdout(said):
        code = main(["plan", *words, *where, "--now", context.cloud.clock.now().isoformat(timespec="seconds")])
    if code != 0:
        raise ScenarioFailed(f"recovery plan {' '.join(words)} ended {code}: {said.getvalue()[-400:]}")
    document = json.loads(said.getvalue())
    return Plan.from_json(document.get("plan", document))


def environment(context: Context) -> dict[str, str]:
    """This machine's, without anything of AWS's, plus the operator's dummy credentials."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_", "MOTO_"))}
    return kept | {
        "AWS_ACCESS_KEY_ID": OPERATOR,
        "AWS_SECRET_ACCESS_KEY": OPERATOR,
        "AWS_ENDPOINT_URL": context.cloud.endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "COLUMNS": "120",
    }
