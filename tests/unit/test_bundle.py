"""The functions' two bundles: what goes into which, what is refused, and that nothing is done twice."""

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
        "recovery/requirements-signatures.txt": "-r requirements.txt\ncryptography==50.0.2\n",
        "recovery/handlers/checks.py": "from recovery import key, used\n",
        "recovery/key.py": "from cryptography.hazmat.primitives import hashes\n",
        "recovery/used.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import mypy_boto3_s3\n",
        "recovery/unused.py": "import rich\n",
        "strategy/__init__.py": "import pydantic\n",
        "package-lock.json": "{}",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    pins = {name: tmp_path / path.relative_to(bundle.ROOT) for name, path in bundle.REQUIREMENTS.items()}
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    monkeypatch.setattr(bundle, "REQUIREMENTS", pins)
    monkeypatch.setattr(bundle, "PACKAGE_LOCK", tmp_path / "package-lock.json")
    monkeypatch.setattr(bundle, "_authorities", lambda: "-----BEGIN CERTIFICATE-----")
    monkeypatch.setattr(bundle, "__file__", str(tmp_path / "recovery/__init__.py"))
    monkeypatch.setattr(bundle, "_install", install)
    return tmp_path


def install(target: Path, requirements: Path) -> None:
    for each in ("pymysql", "cryptography") if "signatures" in requirements.name else ("pymysql",):
        (target / each).mkdir(parents=True)
        (target / f"{each}-1.0.dist-info").mkdir()


def make(project: Path, name: str = bundle.PLAIN) -> Path:
    bundle.main(project / "build")
    return project / "build" / name


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
    both = ["functions", "functions-signatures", "functions-signatures.sha256", "functions.sha256"]
    assert sorted(each.name for each in made.parent.iterdir()) == both


def test_what_checks_a_signature_is_apart_and_alone_has_the_library(project: Path) -> None:
    made = make(project, bundle.SIGNATURES)
    assert (made / "cryptography").is_dir()
    assert not (made.parent / bundle.PLAIN / "cryptography").exists()
    assert content(made) == {
        "rds-ca.pem",
        "recovery/__init__.py",
        "recovery/key.py",
        "recovery/used.py",
        "recovery/handlers/__init__.py",
        "recovery/handlers/checks.py",
    }


def test_it_says_what_each_holds_for_which_platform_and_how_large_it_is(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(project)
    plain, signatures = capsys.readouterr().out.splitlines()
    assert plain.startswith("functions: 2 files of functions, pymysql 1.0; ")
    assert signatures.startswith(
        "functions-signatures: 1 files of functions, cryptography 1.0, pymysql 1.0; manylinux2014_aarch64, Python 3.14; "
    )
    assert signatures.endswith("0.0 MB of the 262 MB that Lambda takes")
    make(project)
    assert not capsys.readouterr().out


def test_one_that_lambda_would_not_take_is_not_made(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MOST_BYTES", 40)
    with pytest.raises(bundle.BundleError, match=r"functions would have .* bytes; Lambda takes 40"):
        make(project)
    assert not (project / "build" / "functions").exists()


def test_these_functions_check_signatures() -> None:
    """Whoever adds one gives it the larger bundle by it: 16 MB more to review, deploy and start."""
    plain, signatures = bundle.bundles()
    assert [each.stem for each in signatures.handlers if each.stem != "verification"] == [
        "region_store",
        "verify_dynamodb",
        "verify_mysql",
    ]
    assert not set(plain.handlers) & set(signatures.handlers)


def test_nothing_is_done_when_nothing_changed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(project)
    monkeypatch.setattr(bundle, "_install", lambda *_: pytest.fail("installed again"))
    make(project)


@pytest.mark.parametrize("name", [bundle.PLAIN, bundle.SIGNATURES])
@pytest.mark.parametrize("changed", ["recovery/used.py", "recovery/requirements.txt", "package-lock.json"])
def test_a_change_makes_it_anew(project: Path, changed: str, name: str) -> None:
    (make(project, name) / "stale.py").write_text("")
    (project / changed).write_text("# changed\n")
    made = make(project, name)
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
    plain, signatures = (pins(bundle.REQUIREMENTS[name].read_text()) for name in (bundle.PLAIN, bundle.SIGNATURES))
    assert plain
    assert plain.items() <= everything.items()
    assert {"cryptography", "cffi", "pycparser"} == {name.partition("==")[0] for name in signatures}
    for name, hashes in signatures.items():
        assert len(hashes) == 1, "of one wheel, the functions' platform's"
        assert hashes <= everything[name]


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
