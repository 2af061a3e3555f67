"""The verifier against its peers, over the bank's transactions: `make bench ONLY=verify`.

In one run and by turns, so that a busy machine is busy for all. `CHECKSUM TABLE` is C code inside the server, on one thread: the
practical limit of one; `pt-table-checksum` is what most people use. `ROWS` in the environment makes it smaller.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aws_rehearsal import HOST, Authority, Server, initialise
from recovery.verify.mode import Mode

USER = PASSWORD = "peer"  # noqa: S105 - of a server that lives for this run, on the loopback
ROOT = Path(__file__).resolve().parent.parent
ROWS = int(os.environ.get("ROWS", "10000000"))
TURNS = 3
USERS = (
    "SET GLOBAL innodb_buffer_pool_size = 2147483648",
    f"CREATE USER {USER}@'%' IDENTIFIED BY '{PASSWORD}'",
    f"GRANT ALL PRIVILEGES ON *.* TO {USER}@'%' WITH GRANT OPTION",
    "CREATE USER verifier@'%' IDENTIFIED BY ''",
    "GRANT SELECT, SHOW VIEW, LOCK TABLES ON crm_transactions.* TO verifier@'%'",
)
TABLE = "crm_transactions.transactions"
FILL = f"""
    INSERT INTO {TABLE}
    SELECT seq,
           CONCAT('CLT-', INSERT(INSERT(INSERT(INSERT(MD5(seq MOD 100000), 21, 0, '-'), 17, 0, '-'), 13, 0, '-'), 9, 0, '-')),
           1 + seq MOD 2, 1 + (seq * 7919 MOD 10000000) / 100, '2024-01-01' + INTERVAL seq * 3 SECOND,
           1 + (seq MOD 20 = 0) + (seq MOD 50 = 0)
    FROM crm_transactions.seq_{{first}}_to_{{last}}"""  # noqa: S608 - names are ours


def figures() -> dict[str, float]:
    subprocess.run(["sh", str(ROOT / "tools" / "ensure-percona.sh")], check=True, stdout=sys.stderr)  # the figures are ours
    with tempfile.TemporaryDirectory() as name, _server(Path(name)) as server:
        for statement in (*_schema(), *USERS):
            server.execute(statement)
        small = _at(server, 0, ROWS // 10)
        large = _at(server, ROWS // 10, ROWS)
    checksum, percona, strong, fast, peak = large
    return {
        "verify.rows": ROWS,
        "verify.seconds": strong,
        "verify.fast_seconds": fast,
        "verify.pt_table_checksum_seconds": percona,
        "verify.checksum_table_seconds": checksum,
        "verify.vs_pt_table_checksum": percona / strong,
        "verify.vs_checksum_table": checksum / strong,
        "verify.fast_vs_pt_table_checksum": percona / fast,
        "verify.fast_vs_checksum_table": checksum / fast,
        "verify.peak_mib": peak,
        "verify.cost_exponent": math.log10(strong / small[2]),
    }


@contextmanager
def _server(directory: Path) -> Iterator[Server]:
    server = Server(directory / "server", Authority(directory / "authority.pem"))
    initialise(server.data)
    try:
        server.start()
        yield server
    finally:
        server.destroy()


def _schema() -> list[str]:
    """The bank's own file."""
    text = (ROOT / "rehearsal" / "bank" / "schema" / "crm_transactions.sql").read_text()
    return [statement for statement in text.split(";\n") if statement.strip()]


def _at(server: Server, filled: int, rows: int) -> tuple[float, float, float, float, float]:
    """Seconds of each, each the median of TURNS, and MiB of the verifier's process."""
    for first in range(filled + 1, rows + 1, 500_000):
        server.execute(FILL.format(first=first, last=min(first + 499_999, rows)))
    for mode in Mode:
        _kept(server, mode).unlink(missing_ok=True)
        _verify(server, mode)  # reads everything once, and the manifest is written
    turns = [(_timed(lambda: server.execute(f"CHECKSUM TABLE {TABLE}")), _timed(lambda: _percona(server)),
              *(_verify(server, mode) for mode in Mode)) for _ in range(TURNS)]  # fmt: skip
    checksum, percona = (statistics.median(turn[n] for turn in turns) for n in (0, 1))
    strong, fast = (statistics.median(turn[n][0] for turn in turns) for n in (2, 3))
    return checksum, percona, strong, fast, max(turn[n][1] for turn in turns for n in (2, 3))


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _percona(server: Server) -> None:
    where = f"h={HOST},P={server.port},u={USER},p={PASSWORD}"
    options = ("--no-check-binlog-format", "--no-check-replication-filters", "--no-replicate-check", "--recursion-method=none",
               "--no-version-check", "--quiet", "--replicate=percona.checksums", f"--tables={TABLE}")  # fmt: skip
    subprocess.run(["pt-table-checksum", where, *options], check=True, stdout=subprocess.DEVNULL)


def _verify(server: Server, mode: Mode) -> tuple[float, float]:
    """In a process of its own, against the manifest that the first one leaves; seconds of the verification and MiB of it all."""
    command = [sys.executable, "-m", "tools.verify_once", str(server.port), str(mode), str(_kept(server, mode))]
    answer = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    seconds, peak = json.loads(answer)
    return float(seconds), float(peak)


def _kept(server: Server, mode: Mode) -> Path:
    return server.directory / f"{mode}.json"
