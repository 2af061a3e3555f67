"""The list of commands in sections, by when they are needed: a tired person finds what to type first."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

NIGHT = "When something is broken"
BEFORE = "Before it is, and as proof"
AUDIT = "For auditors"
DESIGN = "About the strategy"


class Sections(TyperGroup):
    """A command's section is its `rich_help_panel`: Typer shows it only by rich, which is off here, as in pipes and logs."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        found: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command = self.commands[name]
            section = getattr(command, "rich_help_panel", None) or "Commands"
            found.setdefault(section, []).append((name, command.get_short_help_str(limit=formatter.width)))
        for section, rows in found.items():
            with formatter.section(section):
                formatter.write_dl(rows)
