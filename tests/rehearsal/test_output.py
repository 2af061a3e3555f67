"""The folder a rehearsal writes to: it deletes there what an earlier one made, and nothing else, wherever a link may lead."""

from __future__ import annotations

import configparser
import io
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from rich.console import Console

from aws_rehearsal import ForeignFolder
from rehearsal import session
from rehearsal.options import Options
from rehearsal.output import MADE, claim

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("what", ["notes.txt", "cloud/ap-southeast-1/data", "audit/report.html", "result.json"])
def test_what_no_rehearsal_made_is_refused_and_left(tmp_path: Path, what: str) -> None:
    (tmp_path / what).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / what).write_text("somebody's")
    command = [sys.executable, "-m", "rehearsal", "run", "--output", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "holds what no rehearsal made" in done.stderr
    assert (tmp_path / what).read_text() == "somebody's"


def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    (precious / "cloud").mkdir(parents=True)
    (precious / "cloud" / "file").write_text("kept")
    claimed = tmp_path / "claimed"
    claim(claimed)
    (claimed / ".rehearsal").rename(precious / ".rehearsal")  # even of a folder that a rehearsal made
    link = tmp_path / "link"
    link.symlink_to(precious)
    with pytest.raises(ForeignFolder, match="symbolic link"):
        claim(link)
    assert (precious / "cloud" / "file").read_text() == "kept"


@pytest.mark.parametrize("name", [*MADE, "client.log", "cdk.log"])
def test_a_link_inside_goes_and_what_it_leads_to_stays(tmp_path: Path, name: str) -> None:
    folder, precious = tmp_path / "run", tmp_path / "precious"
    precious.mkdir()
    (precious / "file.html").write_text("kept")
    claim(folder)
    (folder / name).symlink_to(precious)
    claim(folder)
    assert not (folder / name).is_symlink()
    assert (precious / "file.html").read_text() == "kept"


def test_a_link_deep_inside_is_not_followed(tmp_path: Path) -> None:
    folder, precious = tmp_path / "run", tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("kept")
    claim(folder)
    (folder / "cloud" / "region").mkdir(parents=True)
    (folder / "cloud" / "region" / "link").symlink_to(precious)
    claim(folder)
    assert not (folder / "cloud").exists()
    assert (precious / "file").read_text() == "kept"


def test_what_was_put_beside_stays(tmp_path: Path) -> None:
    claim(tmp_path / "run")
    (tmp_path / "run" / "notes.txt").write_text("kept")
    (tmp_path / "run" / "cloud").mkdir()
    claim(tmp_path / "run")
    assert (tmp_path / "run" / "notes.txt").read_text() == "kept"
    assert not (tmp_path / "run" / "cloud").exists()


def test_a_marker_that_is_a_link_is_no_marker(tmp_path: Path) -> None:
    claim(tmp_path / "run")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / ".rehearsal").symlink_to(tmp_path / "run" / ".rehearsal")
    with pytest.raises(ForeignFolder, match="no rehearsal made"):
        claim(tmp_path / "other")


def test_nobody_else_may_write_into_it(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run").chmod(0o777)
    claim(tmp_path / "run")
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) & 0o022 == 0


def test_who_works_by_hand_finds_the_secret_in_a_file_and_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    seen: dict[str, Any] = {}

    def look(_seconds: float) -> None:
        if "export AWS_SHARED_CREDENTIALS_FILE=" not in said.getvalue():
            return
        path = tmp_path / "run" / "credentials"
        file = configparser.ConfigParser()
        file.read(path)
        seen.update(mode=stat.S_IMODE(path.stat().st_mode), keys=dict(file["default"]), path=str(path))
        (endpoint,) = [word for word in said.getvalue().split() if word.startswith("AWS_ENDPOINT_URL=")]
        seen["who"] = boto3.client(
            "sts", region_name="ap-southeast-1", endpoint_url=endpoint.partition("=")[2], **seen["keys"]
        ).get_caller_identity()
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "deploy_and_load", lambda *_, **__: None)
    monkeypatch.setattr("rehearsal.session.time.sleep", look)
    with pytest.raises(KeyboardInterrupt):
        session.keep_serving(Options("dev", output=tmp_path / "run"), Console(file=said, width=200))
    assert seen["mode"] == 0o600
    assert f"export AWS_SHARED_CREDENTIALS_FILE={seen['path']}" in said.getvalue()
    assert seen["keys"]["aws_secret_access_key"] not in said.getvalue()
    assert seen["who"]["Account"] == "123456789012"
    assert not (tmp_path / "run" / "credentials").exists()
