"""Writes docs/runbooks/."""

from __future__ import annotations

from pathlib import Path

from recovery.runbooks import ROUTES, render
from strategy import load

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "runbooks"
ENVIRONMENT = "prod"


def pages() -> dict[str, str]:
    """By file name."""
    strategy = load(ENVIRONMENT)
    return {f"{route}.md": render(strategy, route) for route in ROUTES}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, page in pages().items():
        (FOLDER / name).write_text(page, encoding="utf-8")
    print(f"wrote {FOLDER.relative_to(Path.cwd()) if FOLDER.is_relative_to(Path.cwd()) else FOLDER}")
