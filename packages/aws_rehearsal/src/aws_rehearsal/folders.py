"""Folders that are emptied: only those that were made here, and never by a link that leads elsewhere."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MARKER = ".aws-rehearsal"
"""The file that a cloud leaves in its folder: without it, nothing in a folder is deleted."""
_TEXT = "Made by aws-rehearsal, which empties this folder when it starts in it again.\n"


class ForeignFolder(Exception):
    """A folder that was to be emptied is a link, is no folder, or holds what nothing here has made; the text says which."""


def plain(path: Path) -> Path:
    """The path with the links of its parents followed, and its own last part as it is."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100  resolve() would follow the last part, too
    return whole.parent.resolve() / whole.name


def check(path: Path, *, marker: str) -> bool:
    """Whether the folder is there and was made here; False of one that is empty, or not there. Raises ForeignFolder."""
    if path.is_symlink():
        raise ForeignFolder(f"{path} is a symbolic link, which is not followed: name the folder itself")
    if not path.exists():
        return False
    if not path.is_dir():
        raise ForeignFolder(f"{path} is no folder: name another")
    if not any(path.iterdir()):
        return False
    found = path / marker
    if found.is_symlink() or not found.is_file():
        raise ForeignFolder(
            f"{path} holds what no rehearsal made ({marker} is not in it), and is left as it is: name an empty folder"
        )
    return True


def remove(path: Path) -> None:
    """A file, a folder with all that is in it, or a link, but nothing of what it leads to; it need not be there."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path)


def empty(path: Path) -> None:
    """An empty folder of this user alone (mode 0700), but for the marker. Raises ForeignFolder, and then nothing was deleted."""
    if check(path, marker=MARKER):
        shutil.rmtree(path)
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    (path / MARKER).write_text(_TEXT, encoding="utf-8")
