"""A terminal beside the embedded AWS: a person's `bash`, with AWS's command line and the recovery client, at the virtual time.

Variables and functions live on from one block to the next, as they do for who types them. Three programs are stood in for, so
that they know the virtual time: `date`, `sleep`, and the client, which is given `--now` (and `--yes`: nobody is there to answer).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rehearsal.scenarios.base import Context
from tests.runbooks import Block

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 3600
_PROGRAMS = {
    "python": f"""#!/bin/sh
command=$3
[ "$command" = restore ] && set -- "$@" --yes
"{sys.executable}" "$@" --now "$NOW"
code=$?
# A broken promise of another store need not stop a restore: the runbook says so.
[ "$command" = status ] && [ $code = 1 ] && exit 0
exit $code
""",
    "date": f"""#!/bin/sh
exec "{sys.executable}" -c 'import datetime, sys; print(datetime.datetime.fromisoformat(sys.argv[1]).strftime(sys.argv[3][1:]))' \
    "$NOW" "$@"
""",
    "sleep": "#!/bin/sh\nexec /bin/sleep 0.3\n",
    "mysql": '#!/bin/sh\nexec mariadb "$@"\n',  # newer MariaDB says that the old name will go
}


@dataclass
class Terminal:
    """`context` is where it is, `folder` its working directory; `shown.txt` there keeps all that was typed and shown."""

    context: Context
    folder: Path
    aws: str
    """The text of the program `aws`."""
    person: Callable[[], Mapping[str, str]]
    """Credentials of who is signed in: the operator, or an administrator, who may do by hand what the workflows do. Asked for
    before each block: a session ends, and the next one begins.
    """

    def __post_init__(self) -> None:
        programs = self.folder / "bin"
        programs.mkdir(parents=True)
        for name, code in {**_PROGRAMS, "aws": self.aws}.items():
            (programs / name).write_text(code)
            (programs / name).chmod(0o755)
        (self.folder / "state").write_text("")

    def run(self, block: Block, values: dict[str, str]) -> str:
        """What the block shows, both streams; an assertion when it does not end well."""
        given = "NOW|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN"  # anew for each block
        kept = f"{{ export -p | grep -vE ' ({given})='; declare -f; }} > state"
        script = f"set -euo pipefail\n. ./state\nset -a\n{block.changed(values)}\n{kept}\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        with (self.folder / "shown.txt").open("a") as shown:
            shown.write(f"$ {block.code}{done.stdout}\n")
        assert done.returncode == 0, (
            f"{block.section} / {block.step} ended {done.returncode}:\n{block.code}\n{done.stdout[-3000:]}"
        )
        assert "WRONG ACCOUNT" not in done.stdout
        return done.stdout

    def _environment(self) -> dict[str, str]:
        path = [str(self.folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
        return {
            "PATH": os.pathsep.join(path),
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT),
            "NOW": self.context.cloud.clock.now().isoformat(timespec="seconds"),
            "COLUMNS": "120",
            **self.person(),
            "AWS_ENDPOINT_URL": self.context.cloud.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
