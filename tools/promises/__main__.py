"""Writes docs/promises.md."""

from __future__ import annotations

from pathlib import Path

from strategy import load
from tools.promises.page import render

PAGE = Path(__file__).resolve().parents[2] / "docs" / "promises.md"

if __name__ == "__main__":
    PAGE.write_text(render(load("prod")), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}")
