"""The README's example is run as it stands, by somebody who has this package and nothing of the project beside it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_example_prints_what_came_back(tmp_path: Path) -> None:
    example = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    script = tmp_path / "example.py"
    script.write_text(example[1], encoding="utf-8")
    source = README.parent / "src"
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys, runpy; sys.path.insert(0, {str(source)!r}); runpy.run_path({str(script)!r})"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert (ran.returncode, ran.stdout) == (0, "still here\n"), ran.stderr
