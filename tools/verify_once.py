"""One verification in a process of its own, for `bench_verify`: `python -m tools.verify_once PORT MODE MANIFEST`.

Prints its seconds and the MiB of the whole process. Without a file MANIFEST it writes one.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from recovery.verify.content import Content
from recovery.verify.mode import Mode
from recovery.verify.mysql import Like, measure


def _child(port: int, mode: Mode, kept: Path) -> None:
    expected = Content.from_json(json.loads(kept.read_text())) if kept.exists() else None
    with ExitStack() as stack:
        cores = os.cpu_count() or 1
        first, *beside = (stack.enter_context(_connect(port)) for _ in range(cores + 1))
        began = time.perf_counter()
        parts = expected.parts if expected else {}
        content = measure(first, beside=beside, like=Like(expected=parts, mode=mode)).content
        seconds = time.perf_counter() - began
    if expected is None:
        kept.write_text(json.dumps(content.as_json()))
    elif content.parts != expected.parts:
        sys.exit("bench: undamaged data was called damaged")
    sys.stdout.write(json.dumps([seconds, _peak_mib()]))


def _connect(port: int) -> Connection[Cursor]:
    return pymysql.connect(host="127.0.0.1", port=port, user="verifier", charset="utf8mb4", binary_prefix=True, ssl_disabled=True)


def _peak_mib() -> float:
    """Of this program: what `getrusage` says includes whoever started it."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    _child(int(sys.argv[1]), Mode(sys.argv[2]), Path(sys.argv[3]))
