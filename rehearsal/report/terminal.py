"""What a rehearsal's terminal showed, as a picture: the steps and the last screen, printed once more from the result.

An SVG that reaches for nothing outside: rich's own template fetches a font from the web.
"""

from __future__ import annotations

import html
import io
from pathlib import Path

from rich.console import Console

from rehearsal.progress import Progress
from rehearsal.result import Result
from rehearsal.summary import print_summary

COLUMNS = 110
_FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="TITLE">
<title>TITLE</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: {char_height}px; }}
.{unique_id}-title {{ font: bold 18px system-ui, sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def draw(result: Result, output: Path, audit: Path | None, path: Path, *, command: str) -> Path:
    """Write the picture to `path` and return it; `command` is what was typed."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor", _environ={})
    console.print(f"[bold]$[/] {command}")
    shown = Progress(console)
    for step in result.steps:
        shown.close(step)
    print_summary(result, output, console, audit)
    title = html.escape(f"{command}: {result.headline}")
    picture = console.export_svg(title=command, code_format=_FORMAT.replace("TITLE", title), unique_id="rehearsal")
    path.write_text("\n".join(line.rstrip() for line in picture.splitlines()) + "\n", encoding="utf-8")
    return path
