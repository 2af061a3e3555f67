"""Assemblies, each synthesised once: kept by what enters a synthesis, under a lock, for every worker and every later run.

Enters: the files of `ENTERS`, and what a test asks besides. Leaves: `build/assemblies/<digest of the files>/<digest of what was
asked>/`, which is read and never written; those of the newest few states of the files are kept.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from components.acknowledge import left_out
from components.function import checking_signatures
from components.permissions import Reason, reasons
from strategy import Strategy, load
from strategy.catalogue import names

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "assemblies"
BUNDLES = (ROOT / "build" / "functions.sha256", ROOT / "build" / "functions-signatures.sha256")
CDK = ROOT / "node_modules" / ".bin" / "cdk"
CONTEXT: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
ENTERS = (
    "app.py",
    "stacks.py",
    "cdk.json",
    "requirements.txt",
    "package-lock.json",
    "environments",
    "strategy",
    "components",
    "backup_stack",
    "dr_stack",
    "monitoring_stack",
    "tests/assemblies.py",
)
"""Every file that a synthesis reads lies in these; `tests/unit/test_affected.py` holds it for modules."""
REASONS = "reasons.json"
"""Beside the templates: why statements have wildcards, as the constructs say it."""
STATES = 3
"""Of the files, whose assemblies are kept: this one's, and what other branches or the last commit need."""


def synthesised(strategy: Strategy, *, checked: bool = False, acknowledged: bool = True, fresh: bool = False) -> Path:
    """With a stand-in for the functions' bundle.

    `checked` by CloudFormation's rules and cdk-nag's, whose findings lie beside the templates; without what excuses them if not
    `acknowledged`. `fresh` is made anew.
    """
    asked = {"strategy": _text(strategy), "checked": checked, "acknowledged": acknowledged}
    excuses = nullcontext() if checked and acknowledged else left_out()

    def make(target: Path) -> None:
        from aws_cdk import App, Validations
        from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

        from stacks import build

        # In a folder of its own whose name tells nothing: the assembly must not depend on where it was made.
        bundle = target.with_suffix(".functions")
        for each in (bundle, checking_signatures(bundle)):
            each.mkdir()
            (each / "recovery.py").write_text(f"the code of {each.suffix[1:]}\n")
        with excuses, reasons() as given:
            app = App(outdir=str(target), analytics_reporting=False, builtin_cloud_formation_validation=checked, context=CONTEXT)
            if checked:
                Validations.of(app).add_plugins(AwsSolutionsChecks(app), NIST80053R5Checks(app))
            build(app, strategy, bundle)
            try:
                app.synth()
            except RuntimeError as error:
                if "ValidationFailed" not in str(error):  # what was found is in the report
                    raise
            (target / REASONS).write_text(json.dumps([_spelled(each) for each in given]), encoding="utf-8")
        for each in (bundle, checking_signatures(bundle)):
            shutil.rmtree(each)

    return _kept(asked | {"fresh": fresh}, make, anew=fresh)


def _spelled(reason: Reason) -> dict[str, Any]:
    """With `stack`, an id, and `path`, the ids of the constructs from the stack down."""
    from aws_cdk import Stack

    stack = Stack.of(reason.construct)
    return {
        "stack": stack.node.id,
        "path": [each.node.id for each in reason.construct.node.scopes][2:],
        "actions": list(reason.actions),
        "resources": [stack.resolve(each) for each in reason.resources],
        "because": reason.because,
    }


def deployable(environment: str, primary: str | None = None, recovery: str | None = None) -> Path:
    """What `make deploy` and a rehearsal deploy, made by the CDK command line with the functions' real bundle."""
    strategy = load(environment, primary=primary, recovery=recovery)
    asked = {"strategy": _text(strategy), "bundles": [each.read_text(encoding="utf-8") for each in BUNDLES]}
    settings = {"environment": environment, "primary": strategy.regions.primary, "recovery": strategy.regions.recovery}

    def make(target: Path) -> None:
        context = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        env = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        done = subprocess.run(
            [CDK, "synth", "--quiet", "--output", target, *context],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return _kept(asked, make)


def dr_template(strategy: Strategy, region: str) -> dict[str, Any]:
    """Of the dr stack of one region: who may call what."""
    stack = names.stack_id(strategy.prefix, "dr", region)
    found: dict[str, Any] = json.loads((synthesised(strategy) / f"{stack}.template.json").read_text(encoding="utf-8"))
    return found


# ------------------------------------------------------------------ keeping
@functools.cache
def sources() -> str:
    """Digest of all that enters, by content and name."""
    digest = hashlib.sha256()
    for name in ENTERS:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(ROOT)}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:24]


def _kept(asked: dict[str, Any], make: Callable[[Path], None], *, anew: bool = False) -> Path:
    name = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:24]
    state = KEPT / sources()
    target, new = state / name, state / f"{name}.new"
    state.mkdir(parents=True, exist_ok=True)
    os.utime(state)
    with _alone(state / f"{name}.lock"):
        if anew:
            shutil.rmtree(target, ignore_errors=True)
        if not target.is_dir():
            for left in (
                new,
                new.with_suffix(".functions"),
                checking_signatures(new.with_suffix(".functions")),
            ):  # by a run that was killed
                shutil.rmtree(left, ignore_errors=True)
            make(new)
            new.rename(target)
    _forget()
    return target


def remembered(asked: dict[str, Any], find: Callable[[], Any]) -> Any:
    """What `find` found once for all that is `asked`: JSON, kept beside the assemblies of these sources."""

    def make(target: Path) -> None:
        target.mkdir()
        (target / "found.json").write_text(json.dumps(find()), encoding="utf-8")

    return json.loads((_kept(asked, make) / "found.json").read_text(encoding="utf-8"))


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _forget() -> None:
    states = sorted((each for each in KEPT.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime)
    for state in states[:-STATES]:
        shutil.rmtree(state, ignore_errors=True)


def _text(strategy: Strategy) -> str:
    """The same for equal strategies in every process: sets have no order."""
    return json.dumps(_plain(strategy), sort_keys=True)


def _plain(value: Any) -> Any:
    if hasattr(type(value), "model_fields"):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(json.dumps(_plain(each)) for each in value)
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value if isinstance(value, (int, float, bool, type(None))) else repr(value)
