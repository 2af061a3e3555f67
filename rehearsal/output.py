"""The folder that a rehearsal writes to: claimed by a marker, rid of what an earlier one made, and of nothing else."""

from __future__ import annotations

from pathlib import Path

from aws_rehearsal import folders

MARKER = ".rehearsal"
_TEXT = "Made by `python -m rehearsal`: the next one that writes here deletes what this one made.\n"
MADE = ("audit", "cdk.out", "cloud", "credentials", "error.log", "report.html", "result.json", "terminal.svg")
"""What is made anew by each rehearsal, and goes when the next one begins."""
KEPT = ("cdk.log", "client.log", "faults.json", "synth.log")
"""What a later one writes over, or adds to."""


def claim(folder: Path) -> None:
    """Make the folder ready to be written to. Raises `folders.ForeignFolder`, and then nothing was touched."""
    was_ours = folders.check(folder, marker=MARKER)
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o022:
        folder.chmod(0o755)  # with an open umask, others could put links here
    if was_ours:
        for name in MADE:
            folders.remove(folder / name)
        for name in KEPT:
            if (folder / name).is_symlink():
                (folder / name).unlink()
    (folder / MARKER).write_text(_TEXT, encoding="utf-8")
