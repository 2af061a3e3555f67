"""The list of commands in sections, by when they are needed: a tired person finds what to type first."""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

NIGHT = "When something is broken"
BEFORE = "Before it is, and as proof"
AUDIT = "For auditors"
DESIGN = "About the strategy"


class Entry(NamedTuple):
    """A line of the list. `home` is where the command is, `module:name`: a function, or an app of commands of its own.

    `former` is what it was called before: it still works, and is not listed.
    """

    name: str
    section: str
    home: str
    short: str
    former: str = ""


class Sections(TyperGroup):
    """A command's section is its `rich_help_panel`: Typer shows it only by rich, which is off here, as in pipes and logs.

    A command is imported when it is called: the list needs no AWS client, no table and no template.
    """

    entries: ClassVar[tuple[Entry, ...]] = ()

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands.update({each.name: _listed(each) for each in self.entries})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        entry = next((each for each in self.entries if cmd_name in {each.name, each.former}), None)
        return _read(entry) if entry else super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        found: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command = self.commands[name]
            section = getattr(command, "rich_help_panel", None) or "Commands"
            found.setdefault(section, []).append((name, command.get_short_help_str(limit=formatter.width)))
        for section, rows in found.items():
            with formatter.section(section):
                formatter.write_dl(rows)


def plain(**settings: Any) -> typer.Typer:
    """An app as all of ours are: no rich, no completion."""
    return typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, **settings)


def _listed(entry: Entry) -> TyperCommand:
    """What the list shows of a command; it cannot be called."""
    return TyperCommand(entry.name, rich_help_panel=entry.section, short_help=entry.short)


def _read(entry: Entry) -> Any:
    module, _, name = entry.home.partition(":")
    found = getattr(import_module(module), name)
    app = found
    if not isinstance(found, typer.Typer):
        app = plain()
        app.command()(found)
    command = typer.main.get_command(app)
    command.name = entry.name
    return command
