"""Writes docs/promises.md."""

from __future__ import annotations

import sys

from strategy import load
from tools.promises.page import render
from tools.promises.proofs import ROOT, markers, mistakes
from tools.promises.statements import chapters

PAGE = ROOT / "docs" / "promises.md"

if __name__ == "__main__":
    promised, found = chapters(), markers()
    if wrong := mistakes(promised, found):
        sys.exit("\n".join(wrong))
    PAGE.write_text(render(load("prod"), promised, found), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
