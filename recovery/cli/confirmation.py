"""Asking before something is done: the name of what it is done to is typed, so that no habit of pressing `y` does it."""

from __future__ import annotations

import sys

import typer

from recovery.cli.exit_codes import ExitCode
from recovery.errors import WrongInput


class CannotAsk(WrongInput):
    """Nobody is there to answer; the message says what to give instead."""


def confirm(what: str, name: str, *, instead: str) -> None:
    """Returns when `name` was typed. `instead` is what to add to the command where no one can be asked."""
    if not sys.stdin.isatty():
        raise CannotAsk(f"{what} needs {name!r} to be typed, and this is no terminal: add {instead}")
    typed = typer.prompt(f"{what}: type {name} to go on", prompt_suffix=": ", default="", show_default=False, err=True)
    if typed.strip() != name:
        typer.echo(f"recovery: found {typed.strip()!r}, not {name!r}: nothing was done", err=True)
        raise typer.Exit(ExitCode.STOPPED)
