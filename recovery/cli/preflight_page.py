"""The `preflight` command's page for people: what is red last, each with the command that fixes it."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from recovery.cli.console import show_title, table
from recovery.moments import moment_text
from recovery.preflight.line import State
from recovery.preflight.run import Preflight

_STATES = {
    State.GREEN: Text("green", "green"),
    State.RED: Text("RED", "bold red"),
    State.NOT_CHECKED: Text("not checked", "yellow"),
}


def show(found: Preflight, out: Console) -> None:
    out.print(Text(f"Could {found.region} take over tonight? ({found.environment})", style="bold"))
    out.print(Text(f"as of {moment_text(found.now)}; no other region was asked"))
    out.print()
    rows = table(out, "check", "of", "seen", "promised", "")
    for line in found.lines:
        rows.add_row(line.check, Text(line.what), Text(line.seen), Text(line.promised), _STATES[line.state])
    out.print(rows)
    for state, title in ((State.NOT_CHECKED, "Not checked"), (State.RED, "To be fixed")):
        for number, line in enumerate(found.of(state)):
            if not number:
                show_title(out, title, str(_STATES[state].style))
            out.print(Text(f"- {line.check}: {line.what}: {line.seen}, promised: {line.promised}"))
            out.print(Text(f"  {line.mend}"))
    out.print()
    out.print(_conclusion(found))


def _conclusion(found: Preflight) -> Text:
    red, unknown = len(found.of(State.RED)), len(found.of(State.NOT_CHECKED))
    if red:
        return Text(f"NOT READY: {red} to be fixed above.", style="bold red")
    if unknown:
        return Text(f"Not known: {unknown} not checked above, nothing found red.", style="yellow")
    return Text(f"Ready: {found.region} could take over tonight.", style="green")
