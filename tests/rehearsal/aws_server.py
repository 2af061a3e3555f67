"""AWS's command line, loaded once: every call is a fork of one process. What runs is `aws` as it is; only its start is saved,
half a second of each of some hundred calls.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_CLIENT = """#!{python} -IS
import json, os, socket, sys
to = socket.socket(socket.AF_UNIX)
to.connect({path!r})
call = {{"arguments": sys.argv[1:], "folder": os.getcwd(), "environment": dict(os.environ)}}
socket.send_fds(to, [json.dumps(call).encode() + b"\\n"], [0, 1, 2])
ended = to.recv(1)
sys.exit(ended[0] if ended else 255)
"""


@contextmanager
def command_line() -> Iterator[str]:
    """The text of a program that is typed as `aws`, and works inside the block."""
    with tempfile.TemporaryDirectory(prefix="aws-") as folder:  # not pytest's: a socket's path may have a hundred characters
        path = Path(folder, "socket")
        with subprocess.Popen([sys.executable, __file__, str(path)]) as server:
            try:
                while not path.exists():
                    assert server.poll() is None, "the command line does not load"
                    time.sleep(0.05)
                yield _CLIENT.format(python=sys.executable, path=str(path))
            finally:
                server.terminate()


def _serve(path: Path) -> None:
    driver: Any = importlib.import_module("awscli.clidriver")
    driver.create_clidriver()  # everything it imports and reads is there before the first call
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a call ended but its client
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        while True:
            connection, _ = listener.accept()
            with connection:
                if os.fork() == 0:
                    _answer(connection, driver)


def _answer(connection: socket.socket, driver: Any) -> None:
    """In the fork: the caller's streams, folder and environment, and then the command line."""
    code = 255
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        said, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
        while not said.endswith(b"\n"):
            said += connection.recv(1 << 20)
        call = json.loads(said)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(call["folder"])
        own = {"AWS_DATA_PATH": os.environ["AWS_DATA_PATH"]}  # where its models are: set when it is imported
        os.environ.clear()
        os.environ.update(call["environment"] | own)
        sys.argv = ["aws", *call["arguments"]]
        code = driver.main()
    except SystemExit as end:  # how it ends after a wrong command line
        code = end.code if isinstance(end.code, int) else 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        connection.sendall(bytes([code]))
        os._exit(0)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
