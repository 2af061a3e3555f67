"""The functions' bundle: what goes in, what is refused, and that nothing is done twice."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from deployment import bundle


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project in place of ours; pip and node are replaced by what they would leave."""
    files = {
        "recovery/__init__.py": "",
        "recovery/requirements.txt": "pymysql==1.2.4\n",
        "recovery/handlers/__init__.py": "",
        "recovery/handlers/one.py": "from recovery import used\nimport boto3, pymysql\n",
        "recovery/used.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import mypy_boto3_s3\n",
        "recovery/unused.py": "import rich\n",
        "strategy/__init__.py": "import pydantic\n",
        "package-lock.json": "{}",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    monkeypatch.setattr(bundle, "REQUIREMENTS", tmp_path / "recovery/requirements.txt")
    monkeypatch.setattr(bundle, "PACKAGE_LOCK", tmp_path / "package-lock.json")
    monkeypatch.setattr(bundle, "_authorities", lambda: "-----BEGIN CERTIFICATE-----")
    monkeypatch.setattr(bundle, "__file__", str(tmp_path / "recovery/__init__.py"))
    monkeypatch.setattr(bundle, "_install", lambda target: (target / "pymysql").mkdir(parents=True))
    return tmp_path


def make(project: Path) -> Path:
    target = project / "build" / "functions"
    bundle.main(target)
    return target


def content(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


@pytest.mark.proves("exclusions.lambda-code")
def test_only_what_functions_import_goes_in(project: Path) -> None:
    made = make(project)
    assert content(made) == {
        "rds-ca.pem",
        "recovery/__init__.py",
        "recovery/used.py",
        "recovery/handlers/__init__.py",
        "recovery/handlers/one.py",
    }
    assert sorted(each.name for each in made.parent.iterdir()) == ["functions", "functions.sha256"]


def test_nothing_is_done_when_nothing_changed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(project)
    monkeypatch.setattr(bundle, "_install", lambda _: pytest.fail("installed again"))
    make(project)


@pytest.mark.parametrize("changed", ["recovery/used.py", "recovery/requirements.txt", "package-lock.json"])
def test_a_change_makes_it_anew(project: Path, changed: str) -> None:
    (make(project) / "stale.py").write_text("")
    (project / changed).write_text("# changed\n")
    made = make(project)
    assert "stale.py" not in content(made)


def test_an_import_that_would_fail_on_the_night_is_refused(project: Path) -> None:
    made = make(project)
    before = content(made)
    (project / "recovery/used.py").write_text("from strategy import naming\n")
    with pytest.raises(bundle.BundleError, match=r"strategy/__init__\.py imports pydantic"):
        make(project)
    assert content(made) == before


def test_a_relative_import_is_refused(project: Path) -> None:
    (project / "recovery/used.py").write_text("\nfrom . import unused\n")
    with pytest.raises(bundle.BundleError, match=r"recovery/used\.py, line 2: imports are absolute"):
        make(project)


@pytest.mark.proves("exclusions.lambda-code")
def test_pins_are_those_of_everything_else() -> None:
    def pins(text: str) -> dict[str, set[str]]:
        found = re.findall(r"^(\S+==\S+) \\\n((?:\s+--hash=\S+(?: \\)?\n?)+)", text, flags=re.MULTILINE)
        return {name: set(re.findall(r"sha256:\w+", hashes)) for name, hashes in found}

    everything = pins((bundle.ROOT / "requirements.txt").read_text())
    functions = pins(bundle.REQUIREMENTS.read_text())
    assert functions
    assert functions.items() <= everything.items()


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")  # an authority of 2019, now expired
def test_the_authorities_are_certificates_that_strict_verification_takes() -> None:
    """Python 3.14, which the functions run on, verifies strictly: no critical basic constraints, no connection."""
    authorities = x509.load_pem_x509_certificates(bundle._authorities().encode())
    current = [each for each in authorities if each.not_valid_after_utc > datetime(2026, 1, 1, tzinfo=UTC)]
    assert any("ap-southeast-2 Root CA RSA2048 G1" in each.subject.rfc4514_string() for each in current)
    for each in current:
        constraints = each.extensions.get_extension_for_class(x509.BasicConstraints)
        assert constraints.critical
        assert constraints.value.ca
        assert each.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
