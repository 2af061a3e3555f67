"""What `assess` says to people, and its JSON.

format       1
account, primary, recovery, at
gaps         [{what, promise, found, mend, harm, harm_rank}], worst first
kept         [{what, promise, found}]
not_checked  [{what, promise, because}]
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from rich.console import Console
from rich.text import Text

from recovery.assess.judgement import Assessment
from recovery.cli.console import show_title

FORMAT = 1


def show(found: Assessment, out: Console) -> None:
    """Gaps in groups, the worst first; then what is kept, in few words; the conclusion last."""
    holdings = found.holdings
    at = f"{holdings.now:%Y-%m-%d %H:%M} UTC"
    out.print(Text(f"account {holdings.account}, {holdings.primary} with {holdings.recovery}, {at}", style="bold"))
    out.print(Text(f"compared with the promises of environments/{found.strategy.environment}.toml"))
    number = 0
    for harm, gaps in groupby(found.gaps, key=lambda each: each.harm):
        show_title(out, harm.title.capitalize() if harm else "", "bold red")
        for each in gaps:
            number += 1
            out.print(Text(f"{number:>3}. {each.what}: {each.found}"))
            out.print(Text(f"     promised: {each.promise}"))
            out.print(Text(f"     fix:      {each.mend}"))
    if found.not_checked:
        show_title(out, "Not checked", "bold yellow")
        for each in found.not_checked:
            out.print(Text(f"   - {each.what}, {each.promise}: {each.found}"))
    if found.kept:
        show_title(out, "Kept", "bold green")
        for each in found.kept:
            out.print(Text(f"   - {each.what}: {each.promise} ({each.found})"))
    out.print()
    out.print(_conclusion(found))


def _conclusion(found: Assessment) -> Text:
    kept, gaps, unknown = len(found.kept), len(found.gaps), len(found.not_checked)
    text = f"{kept} kept, {gaps} broken, {unknown} not checked."
    if gaps:
        return Text(f"{text} Next: python -m recovery init NAME writes an environment for these stores.", style="bold red")
    return Text(text, style="yellow" if unknown else "green")


def as_json(found: Assessment) -> dict[str, Any]:
    holdings = found.holdings
    return {
        "format": FORMAT,
        "account": holdings.account,
        "primary": holdings.primary,
        "recovery": holdings.recovery,
        "at": holdings.now.isoformat(),
        "gaps": [
            {
                "what": each.what,
                "promise": each.promise,
                "found": each.found,
                "mend": each.mend,
                "harm": each.harm.title if each.harm else "",
                "harm_rank": int(each.harm or 0),
            }
            for each in found.gaps
        ],
        "kept": [{"what": each.what, "promise": each.promise, "found": each.found} for each in found.kept],
        "not_checked": [{"what": each.what, "promise": each.promise, "because": each.found} for each in found.not_checked],
    }
