"""The two files of pins are installed together: where both name a package, they name one version."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))


def test_both_files_pin_alike() -> None:
    user, developer = pins("requirements.txt"), pins("requirements-dev.txt")
    both = user.keys() & developer.keys()
    assert both
    assert {each: (user[each], developer[each]) for each in both if user[each] != developer[each]} == {}
