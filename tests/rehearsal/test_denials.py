"""What policies denied is a finding of the rehearsal, whatever the scenario made of it."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from rehearsal import session
from rehearsal.options import Options
from rehearsal.report.page import render
from rehearsal.result import Denial, Result
from rehearsal.scenarios import Context, ScenarioFailed, World

REGION = "ap-southeast-1"


def test_a_denial_that_a_scenario_got_over_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(context: Context, *_: Any, **__: Any) -> World:
        iam = context.cloud.client("iam", REGION)
        iam.create_user(UserName="ana")
        key = iam.create_access_key(UserName="ana")["AccessKey"]
        ana = context.cloud.client("dynamodb", REGION, caller=key["AccessKeyId"])
        with pytest.raises(ClientError, match="not authorized to perform: dynamodb:ListTables"):
            ana.list_tables()
        raise ScenarioFailed("ana could not list")

    monkeypatch.setattr(session, "deploy_and_load", denied)
    result = session.rehearse("drill", Options("dev", output=tmp_path / "run"), Console(quiet=True))
    assert [each.partition(":")[0] for each in result.denied] == ["ana may not dynamodb"]
    assert "Allow dynamodb:ListTables on * in an identity-based policy" in result.denied[0]
    assert result.findings == ["ana could not list", *result.denied]
    assert result.decisions == 1
    (denial,) = result.denials
    assert (denial.who, denial.action, denial.resource, denial.times) == ("ana", "dynamodb:ListTables", "*", 1)
    assert denial.missing.startswith("Allow dynamodb:ListTables on * in an identity-based policy")
    page = (tmp_path / "run" / "report.html").read_text()
    assert "1 decision" in page
    assert "1 kind of them denied" in page
    row = page[page.index('aria-label="What was denied"') :]
    for cell in ("ana", "dynamodb:ListTables", "*", denial.missing):
        assert f">{html.escape(cell)}<" in row, cell
    written = json.loads((tmp_path / "run" / "result.json").read_text())
    assert (written["decisions"], written["denied"]) == (1, result.denied)


def test_a_run_in_which_nothing_was_denied_says_so(tmp_path: Path) -> None:
    result = Result(seed=1, fault=None, lost_region="", recovery_region=REGION, decisions=12345)
    page = render(result, tmp_path / "report.html").read_text()
    assert "12,345 decisions" in page
    assert "none of them denied" in page
    assert "What was denied" not in page


def test_what_a_policy_holds_is_shown_as_text(tmp_path: Path) -> None:
    denials = [Denial("<b>role</b>", "s3:GetObject", "arn:aws:s3:::a/<script>", 'Deny by "<x>"', 2)]
    result = Result(seed=1, fault=None, lost_region="", recovery_region=REGION, decisions=3, denials=denials)
    page = render(result, tmp_path / "report.html").read_text()
    assert "2 kinds" not in page
    assert "<script>" not in page
    assert "&lt;b&gt;role&lt;/b&gt;" in page
