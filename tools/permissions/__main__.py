"""Writes docs/permissions.md."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aws_cdk import App

from stacks import build
from strategy import Strategy, load
from strategy.catalogue import names
from tools.permissions.grants import grants
from tools.permissions.page import render

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "permissions.md"
ENVIRONMENT = "prod"


def template(strategy: Strategy, region: str) -> dict[str, Any]:
    """Of the dr stack, synthesised with a stand-in for the functions' code."""
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder, "functions")
        for bundle in (code, code.with_name("functions-signatures")):
            bundle.mkdir()
            (bundle / "recovery.py").write_text("the functions' code\n")
        context = json.loads((ROOT / "cdk.json").read_text())["context"]
        app = App(outdir=str(Path(folder, "cdk.out")), analytics_reporting=False, context=context)
        build(app, strategy, code)
        app.synth()
        stack = names.stack_id(strategy.prefix, "dr", region)
        found: dict[str, Any] = json.loads(Path(folder, "cdk.out", f"{stack}.template.json").read_text())
        return found


def page(read: Callable[[Strategy, str], dict[str, Any]] = template) -> str:
    strategy = load(ENVIRONMENT)
    region = strategy.regions.primary
    return render(grants(read(strategy, region)), environment=ENVIRONMENT, prefix=strategy.prefix, region=region)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}")
