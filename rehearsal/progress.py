"""Numbered, timed steps, shown live. The scenarios say what they do; this says how it looks.

Enters: step titles and details. Leaves: `Step` values with real durations (perf_counter), for the report. On a terminal each
step is a live line with a spinner; elsewhere (CI, a pipe) it is one plain line at its end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

_INDENT = 6


@dataclass
class Step:
    """One numbered step of a scenario: what it is called, how long it really took, and what is worth telling of it."""

    number: int
    title: str
    seconds: float = 0.0
    outcome: str = "running"
    """`running`, `done`, `failed` or `stopped`."""
    notes: list[str] = field(default_factory=list)


class Progress:
    """Prints steps to a console as they run, and keeps them."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.steps: list[Step] = []

    @contextmanager
    def step(self, title: str) -> Iterator[Detail]:
        """Run the block as the next numbered step."""
        step = Step(len(self.steps) + 1, title)
        self.steps.append(step)
        started = time.perf_counter()
        with self.console.status(f"[bold]{step.number}[/] {escape(title)}", spinner="dots") as status:

            def show(text: str) -> None:
                elapsed = time.perf_counter() - started
                status.update(f"[bold]{step.number}[/] {escape(title)} [dim]{elapsed:.0f} s · {escape(text)}[/]")

            try:
                yield Detail(step, show)
                step.outcome = "done"
            except KeyboardInterrupt:
                step.outcome = "stopped"
                raise
            except BaseException:
                step.outcome = "failed"
                raise
            finally:
                step.seconds = time.perf_counter() - started
                self.close(step)

    def close(self, step: Step) -> None:
        """Print a step that is over."""
        mark = {"done": "[green]✓[/]", "failed": "[red]✗[/]", "stopped": "[yellow]■[/]"}[step.outcome]
        took = f"[dim]{step.seconds:.1f}\N{NO-BREAK SPACE}s[/]"
        self.console.print(f" {mark} [bold]{step.number}[/] {escape(step.title)} {took}", highlight=False)
        for note in step.notes:
            if self.console.is_terminal:
                self.console.print(Padding(Text(note, style="dim"), (0, 0, 0, _INDENT), expand=False))
            else:  # a command in a log stays one line
                self.console.print(" " * _INDENT + note, markup=False, highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class Detail:
    """What a running step may say: `now` replaces the live text, `note` stays under the step."""

    step: Step
    _show: Callable[[str], None]

    def now(self, text: str) -> None:
        self._show(text)

    def note(self, text: str) -> None:
        self.step.notes.append(text)
