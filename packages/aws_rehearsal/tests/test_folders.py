"""A cloud empties its own folder at start, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from aws_rehearsal import Cloud, ForeignFolder, folders


@pytest.mark.parametrize("what", ["notes.txt", "ap-southeast-1/data"])
def test_a_folder_with_anything_else_in_it_is_refused(tmp_path: Path, what: str) -> None:
    (tmp_path / what).parent.mkdir(exist_ok=True)
    (tmp_path / what).write_text("somebody's")
    with pytest.raises(ForeignFolder, match="no rehearsal made"), Cloud(directory=tmp_path):
        pass
    assert (tmp_path / what).read_text() == "somebody's"


def test_a_link_is_refused_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    folders.empty(tmp_path / "cloud")
    (tmp_path / "cloud" / "data").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "cloud")
    with pytest.raises(ForeignFolder, match="symbolic link"), Cloud(directory=tmp_path / "link"):
        pass
    assert (tmp_path / "cloud" / "data").read_text() == "kept"


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(ForeignFolder, match="is no folder"):
        folders.empty(tmp_path / "file")


def test_its_own_folder_is_emptied_and_links_in_it_are_not_followed(tmp_path: Path) -> None:
    folder, precious = tmp_path / "cloud", tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("kept")
    folders.empty(folder)
    (folder / "region").mkdir()
    (folder / "region" / "link").symlink_to(precious)
    folders.empty(folder)
    assert [each.name for each in folder.iterdir()] == [folders.MARKER]
    assert (precious / "file").read_text() == "kept"
