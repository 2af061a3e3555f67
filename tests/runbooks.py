"""Reading a runbook: its blocks of commands, by section, and the variables that its reader is told to change."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADING = re.compile(r"^(##+) (.*)$")
_CHANGE = re.compile(r"^([A-Z]+)=\S+  # change: .*$", flags=re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block of shell; `section` is the chapter it is in, `step` the heading above it."""

    section: str
    step: str
    code: str

    @property
    def to_change(self) -> list[str]:
        """Variables that the reader sets."""
        return _CHANGE.findall(self.code)

    def changed(self, values: dict[str, str]) -> str:
        """The block as its reader types it; KeyError for a variable without a value."""
        return _CHANGE.sub(lambda match: f"{match[1]}={values[match[1]]}", self.code)


def blocks(page: str) -> list[Block]:
    found: list[Block] = []
    section, step = "", ""
    code: list[str] | None = None
    for line in page.splitlines():
        if code is not None:
            if line == "```":
                found.append(Block(section, step, "\n".join(code) + "\n"))
                code = None
            else:
                code.append(line)
        elif line == "```sh":
            code = []
        elif heading := _HEADING.match(line):
            level, step = len(heading[1]), heading[2]
            section = step if level == 2 else section
    assert code is None, f"a block is not closed in {section}"
    return found


def recovery_commands(code: str) -> list[str]:
    """Every `python -m recovery …` of a block."""
    return re.findall(r"^python -m recovery .*$", code, flags=re.MULTILINE)
