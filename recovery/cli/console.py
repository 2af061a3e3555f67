"""Where tables go: a terminal gets rules, colours and its own width; a pipe gets plain lines, one for each row.

A colour never says anything that a word beside it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from recovery.pages import table as pages

_STYLES = {pages.BAD: "bold red", pages.OPEN: "yellow"}
_UNBROKEN = 10_000
"""A width that wraps nothing."""


@contextmanager
def console() -> Iterator[Console]:
    """Standard output; what is printed to a pipe arrives when the block ends."""
    terminal = Console(highlight=False)
    if terminal.is_terminal:
        yield terminal
        return
    plain = Console(highlight=False, width=_UNBROKEN)
    with plain.capture() as captured:
        yield plain
    for line in captured.get().splitlines():
        typer.echo(line.rstrip())


def table(out: Console, *headers: str, numbers: tuple[str, ...] = ()) -> Table:
    """An empty table; the columns of `numbers` are aligned to the right. The widest columns wrap first."""
    lines, gap = (box.SIMPLE_HEAD, 1) if out.is_terminal else (None, 2)
    made = Table(box=lines, padding=(0, gap, 0, 0), pad_edge=False, show_edge=False, header_style="bold")
    for header in headers:
        made.add_column(header, justify="right" if header in numbers else "left", overflow="fold")
    return made


def show_title(out: Console, text: str, style: str = "bold") -> None:
    out.print()
    out.print(Text(text, style=style))


def show_list(out: Console, title: str, lines: Sequence[str], style: str = "yellow") -> None:
    """Nothing at all where there are no lines."""
    if lines:
        show_title(out, title, style)
        for line in lines:
            out.print(Text(f"- {line}"))


def show_section(section: pages.Section, out: Console) -> None:
    show_title(out, section.title)
    if section.table is not None:
        rows = table(out, *section.table.headers, numbers=tuple(section.table.numbers))
        for each in section.table.rows:
            rows.add_row(*(Text(cell) for cell in each))
        out.print(rows)
    if section.note:
        out.print(Text(section.note))
    for line in section.lines:
        out.print(Text(f"- {line}"))
    for tone, words in section.alerts:
        out.print(Text(words, style=_STYLES[tone]))
