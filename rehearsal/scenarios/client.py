"""The recovery client as a person uses it: its own process, with an operator's credentials, told the virtual time."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from rehearsal.progress import Detail
from rehearsal.scenarios.base import Context

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
