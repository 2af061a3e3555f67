"""Measures the project: one flat JSON object in build/bench.json. `make bench`, or `make bench ONLY=synth`.

Every figure is of a whole process, on this machine, now; ratios compare two commands of the same run, so that a slow machine
does not look like slow code. Durations are seconds, memory is MiB of the whole process tree (proportional share, PSS).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "build" / "bench.json"
CDK = str(ROOT / "node_modules" / ".bin" / "cdk")
FAULT_RUNS, FAULT_RUNS_IN_A_WORLD = 200, 20
MUTATION_ROUNDS = 8
STORES = 10
HELP_RUNS = 5
QUIET_DAYS = 30
NAMED = 20
EMPTY_APP = """
from aws_cdk import App, Stack

app = App()
Stack(app, "Empty")
app.synth()
"""


def timed(command: list[str], *, directory: Path) -> float:
    """Wall seconds of one successful run; the command's output is shown only when it fails."""
    started = time.perf_counter()
    process = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if process.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} failed:\n{process.stdout[-2000:]}{process.stderr[-2000:]}")
    return seconds


def median(command: list[str], *, directory: Path, runs: int = 3) -> float:
    timed(command, directory=directory)  # warms the disk and Python's caches
    return statistics.median(timed(command, directory=directory) for _ in range(runs))


def empty_synth() -> float:
    """Median seconds of `cdk synth` of an app with one empty stack."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "app.py").write_text(EMPTY_APP)
        return median([CDK, "synth", "--quiet", "--app", f"{sys.executable} app.py"], directory=directory)


def synth() -> dict[str, float]:
    empty, ours = empty_synth(), environment_synth("prod")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "prod.toml").write_text(many_stores(resolved("prod")))
        many = environment_synth(str(Path(folder) / "prod.toml"))
    return {
        "synth.seconds": ours,
        "synth.empty_seconds": empty,
        "synth.vs_empty_app": ours / empty,
        "synth.ten_stores_vs_two": many / ours,
    }


def environment_synth(environment: str) -> float:
    """Median seconds of `cdk synth` of an environment, by name or by the path of its file."""
    with tempfile.TemporaryDirectory() as output:
        command = [CDK, "synth", "--quiet", "-c", f"environment={environment}", "--output", output]
        return median(command, directory=ROOT)


def resolved(environment: str) -> str:
    """Its strategy whole, with what it has from its base."""
    command = [sys.executable, "-m", "recovery", "strategy", "--env", environment, "--resolved"]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def many_stores(text: str) -> str:
    """A strategy of two stores, each of them five times."""
    first, last = text.index("[[stores]]"), text.index("\n[", text.rindex("[stores.objectives]"))
    stores = text[first:last]
    copies = [
        re.sub(r'(\[\[stores\]\]\nkind = .*\nname = "[\w-]+)"', rf'\1-{copy}"', stores) for copy in range(2, STORES // 2 + 1)
    ]
    return "\n".join([text[:first] + stores, *copies]) + text[last:]


def cli() -> dict[str, float]:
    """CPU, not wall time: the best of several, since other processes only ever add to it."""
    command = [sys.executable, "-m", "recovery", "--help"]
    return {"cli.help_cpu_seconds": min(cpu_seconds(command) for _ in range(HELP_RUNS))}


def cpu_seconds(command: list[str]) -> float:
    """User and system seconds of one successful run and of what it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    timed(command, directory=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rehearse() -> dict[str, float]:
    empty = empty_synth()
    command = [sys.executable, "-m", "rehearsal", "run", "--scenario", "region-loss", "--seed", "1"]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, tree_mib(process.pid))
        time.sleep(0.25)
    seconds = time.perf_counter() - started
    if process.returncode != 0:
        sys.exit(f"bench: the rehearsal ended with exit code {process.returncode}; run `make rehearse` to see why")
    return {"rehearse.seconds": seconds, "rehearse.vs_empty_synth": seconds / empty, "rehearse.peak_mib": peak}


def faults() -> dict[str, float]:
    """Seeded restores under trouble; a run that does not end well is a figure, and named here.

    A world is given up after some runs: it keeps every version of every item and the history of every execution, and slows down.
    """
    started, figures = time.perf_counter(), Counter[str]()
    for first in range(1, FAULT_RUNS + 1, FAULT_RUNS_IN_A_WORLD):
        with tempfile.TemporaryDirectory() as output:
            runs = ["--runs", str(FAULT_RUNS_IN_A_WORLD), "--first", str(first)]
            command = [sys.executable, "-m", "rehearsal", "faults", *runs, "--output", output]
            process = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            written = Path(output) / "faults.json"
            if not written.exists():
                RESULTS.parent.mkdir(exist_ok=True)
                log = RESULTS.with_name(f"faults-{first}.log")
                log.write_text(process.stdout)
                sys.exit(
                    f"bench: the fault runs from {first} on broke off (all they said is in {log}):\n{process.stdout[-2000:]}"
                )
            found = json.loads(written.read_text())
        figures.update(found["figures"])
        print(f"{first + FAULT_RUNS_IN_A_WORLD - 1} fault runs", *found["problems"], sep=os.linesep)
    return dict(figures) | {"faults.seconds": time.perf_counter() - started}


def rto() -> dict[str, float]:
    """Modelled, not measured: hours until the traffic is in the recovery region, in production."""
    command = [sys.executable, "-m", "recovery", "rto", "--env", "prod", "--json"]
    asked = {f"rto.hours_{size.lower()}": ["--size", size] for size in ("20GB", "100GB", "300GB")}
    asked["rto.hours_warm"] = ["--tier", "warm"]
    told = {name: json.loads(subprocess.check_output([*command, *more], cwd=ROOT)) for name, more in asked.items()}
    hours = {name: each["rto_seconds"] / 3600 for name, each in told.items()}
    return hours | {"rto.overhead_share": max(each["overhead_share"] for each in told.values())}


def mutations() -> dict[str, float]:
    """Every kind of damage, again and again with other seeds; what is missed is a figure, and named here."""
    with tempfile.TemporaryDirectory() as output:
        found = Path(output) / "mutations.json"
        seconds = timed(
            [sys.executable, "-m", "tests.mutations", "--runs", str(MUTATION_ROUNDS), "--output", str(found)], directory=ROOT
        )
        score = json.loads(found.read_text())
    print(*score["missed"], *score["alarms"], sep=os.linesep)
    figures: dict[str, float] = score["figures"]
    return figures | {"mutations.seconds": seconds}


def verify() -> dict[str, float]:
    """By its own modules: a server of its own, and peers that are installed on demand."""
    both = "bench_verify.figures() | bench_scan.figures()"
    script = f"import json; from tools import bench_scan, bench_verify; print(json.dumps({both}))"
    command = [sys.executable, "-c", script]
    figures: dict[str, float] = json.loads(subprocess.check_output(command, cwd=ROOT, text=True))
    return figures


def evidence() -> dict[str, float]:
    """Ways to falsify the chain of evidence, and how many of them are found out."""
    done = subprocess.run([sys.executable, "-m", "rehearsal.tampering"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: the evidence could not be falsified:\n{done.stderr[-2000:]}")
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def alarms() -> dict[str, float]:
    """Thirty quiet days with every rule but those of each minute, then every alarm's cause; what is not right is named."""
    command = [sys.executable, "-m", "rehearsal.alarm_trials", "--days", str(QUIET_DAYS)]
    figures: dict[str, float] = json.loads(subprocess.check_output(command, cwd=ROOT, text=True))
    return figures


def iam() -> dict[str, float]:
    """Whether every right is needed: `python -m tools.privileges`, which names those that are not."""
    command = [sys.executable, "-m", "tools.privileges"]
    figures: dict[str, float] = json.loads(subprocess.check_output(command, cwd=ROOT, text=True))
    return figures


def tests() -> dict[str, float]:
    """Both tiers, one after the other as CI runs them; the tests that cost most are named, by processor seconds."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "record")
        command = [sys.executable, "-m", "tools.suite", "--record", str(file)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        first = timed(command, directory=ROOT)
        rest = timed([*command, "--all"], directory=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs = sorted((json.loads(line) for line in file.read_text().splitlines()), key=lambda each: -each[2])
    print(*(f"{seconds:8.1f}  {name}" for name, _, seconds in costs[:NAMED]), sep=os.linesep)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"tests.seconds": first, "tests.all_seconds": first + rest, "tests.cpu_seconds": spent}


def tree_mib(pid: int) -> float:
    """Memory of a process and all its descendants, MiB; what ends meanwhile counts as nothing."""
    total = 0
    try:
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    for each in tree:
        try:
            memory = each.memory_full_info()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        total += getattr(memory, "pss", memory.uss)
    return total / 2**20


PARTS: dict[str, Callable[[], dict[str, float]]] = {
    "synth": synth,
    "cli": cli,
    "rehearse": rehearse,
    "faults": faults,
    "rto": rto,
    "mutations": mutations,
    "verify": verify,
    "evidence": evidence,
    "alarms": alarms,
    "iam": iam,
    "tests": tests,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=sorted(PARTS), help="measure one part, and keep the others' last figures")
    only = parser.parse_args().only
    figures = json.loads(RESULTS.read_text()) if RESULTS.exists() and only else {}
    for name in [only] if only else PARTS:
        measured = {key: round(value, 3) for key, value in PARTS[name]().items()}
        figures |= measured
        print(*(f"{key:28} {value:>10}" for key, value in measured.items()), sep=os.linesep)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(dict(sorted(figures.items())), indent=2) + "\n")


if __name__ == "__main__":
    main()
