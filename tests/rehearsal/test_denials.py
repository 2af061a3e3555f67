"""What policies denied is a finding of the rehearsal, whatever the scenario made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from rehearsal import session
from rehearsal.options import Options
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
    written = json.loads((tmp_path / "run" / "result.json").read_text())
    assert (written["decisions"], written["denied"]) == (1, result.denied)
