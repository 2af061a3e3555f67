"""The program inside the Lambda workers. Run as `python -I bootstrap.py SOCKET`; forks a worker each time one is asked for.

The process itself imports what Lambda's Python runtime ships, and reads botocore's models of the services that functions ask
most. A worker then moves to the folder of the unzipped code, and takes over its environment and its files.

What a function finds here is what it finds on Lambda: its own code first on the path, boto3 and what boto3 needs, and no
other library of this machine, so a dependency missing from its zip fails here as well. Three things are modelled:

- time is the cloud's virtual time, sent with each invocation;
- `boto3.client("rds").generate_db_auth_token(…)` returns one token of the run, whatever it is asked for, because the databases of
  the rehearsal know no IAM: they take that token as the password;
- a library in the zip that is compiled for another platform than this machine's is this machine's own, of the same version; where
  there is none, the function fails.

The socket takes `{"environment", "folder"}` with a worker's three files and answers `{"pid"}`, or `{"end": pid}` and answers
`{}`; at its end all workers are killed. A worker takes lines of JSON on stdin, `{"event", "now", "request_id", "seconds"}`.
Out: first `{}` or `{"error"}` once the handler is imported, then one line per invocation, `{"result"}` or `{"error"}`, on what
was stdout; stdout itself is the log.
"""

# ruff: noqa: T201  what a worker prints is its log
from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import platform
import signal
import socket
import sys
import time
import traceback
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any, TextIO

RUNTIME = frozenset(
    ["boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six", "time_machine", "_time_machine"],
)


SERVICES = ("backup", "cloudwatch", "dynamodb", "kms", "rds", "s3", "secretsmanager", "ssm", "stepfunctions")
"""Those whose models are read before the first fork; a worker reads any other itself."""
LONGEST = 1 << 20


class RuntimeLibraries(MetaPathFinder):
    """Finds, in this interpreter's site-packages, only what Lambda's Python runtime ships."""

    def __init__(self, folders: list[str]) -> None:
        self._folders = folders

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002
        if path is None and fullname in RUNTIME:
            return PathFinder.find_spec(fullname, self._folders)
        return None


class ForeignLibraries(MetaPathFinder):
    """Stands before the path: finds in this interpreter's site-packages what the zip has compiled for another platform."""

    def __init__(self, folders: list[str], names: frozenset[str]) -> None:
        self._folders, self._names = folders, names

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002
        if path is None and fullname in self._names:
            return PathFinder.find_spec(fullname, self._folders)
        return None


class Context:
    """The `context` a handler is given."""

    def __init__(self, request_id: str, seconds: float) -> None:
        self.aws_request_id = request_id
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.invoked_function_arn = os.environ["REHEARSAL_FUNCTION_ARN"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None
        self._deadline = time.perf_counter() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.perf_counter()) * 1000))


def isolate() -> list[str]:
    """Set the path: the function's code (the first entry, for now this folder), the standard library, the runtime's libraries.

    Returns the folders that it leaves out.
    """
    packages = [folder for folder in sys.path if folder.endswith(("site-packages", "dist-packages"))]
    sys.path[:] = [str(Path.cwd()), *(folder for folder in sys.path if folder not in packages)]
    sys.meta_path.append(RuntimeLibraries(packages))
    return packages


def replace_foreign(packages: list[str]) -> None:
    """Libraries of the zip that cannot run here by the same ones of this machine. Raises ImportError where it has them not."""
    compiled = [each.parent for each in Path.cwd().glob("*.dist-info/WHEEL") if not _runs_here(each.read_text())]
    if compiled:
        sys.meta_path.insert(0, ForeignLibraries(packages, frozenset().union(*(_same(each, packages) for each in compiled))))


def _runs_here(wheel: str) -> bool:
    """By the tags of its WHEEL: any platform, or this machine's and this Python's."""
    version = f"cp{sys.version_info.major}{sys.version_info.minor}"
    for line in wheel.splitlines():
        if line.startswith("Tag: "):
            python, abi, where = line.removeprefix("Tag: ").split("-")
            here = "linux" in where and sys.platform == "linux" and where.endswith(f"_{platform.machine()}")
            if where == "any" or (here and (abi == "abi3" or python == version)):
                return True
    return False


def _same(info: Path, folders: list[str]) -> set[str]:
    """What can be imported of the library whose .dist-info this is, as it is installed on this machine.

    Raises ImportError where it is not, or in another version: another one's answers would be no rehearsal of this one.
    """
    from importlib.metadata import distributions

    name, version = info.name.removesuffix(".dist-info").rsplit("-", 1)
    for found in distributions(name=name, path=folders):
        if found.version == version:
            return {each.parts[0].split(".")[0] for each in found.files or () if each.suffix in {".py", ".so"}}
    raise ImportError(f"{name} {version} is compiled for another platform, and is not installed here in that version")


def read_models() -> None:
    """Make a client of each service once, which imports all that clients need, and keep the files that were read for it."""
    import boto3
    from botocore.loaders import JSONFileLoader

    known: dict[str, Any] = {}
    read = JSONFileLoader.load_file

    def load_file(self: Any, file_path: str) -> Any:
        if file_path not in known:
            known[file_path] = read(self, file_path)
        return known[file_path]

    JSONFileLoader.load_file = load_file  # type: ignore[method-assign]
    session: Any = boto3.session.Session("nobody", "nothing", region_name="us-east-1")
    for service in SERVICES:
        session.client(service)


def model_database_tokens(token: str) -> None:
    import botocore.signers

    botocore.signers.generate_db_auth_token = lambda *_args, **_kwargs: token


def describe(error: BaseException, kind: str | None = None, message: str | None = None) -> dict[str, Any]:
    """An error as Lambda reports it, and to the log as Lambda logs it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    lines = traceback.format_tb(trace)
    answer = {"errorMessage": message or str(error), "errorType": kind or type(error).__name__, "stackTrace": lines}
    print(f"[ERROR] {answer['errorType']}: {answer['errorMessage']}\nTraceback (most recent call last):\n{''.join(lines)}")
    return answer


def load(name: str, packages: list[str]) -> tuple[Any, dict[str, Any] | None]:
    """The handler named `package.module.function`, or the error Lambda reports instead."""
    module, _, function = name.rpartition(".")
    try:
        replace_foreign(packages)
        return getattr(importlib.import_module(module.replace("/", ".")), function), None
    except ImportError as error:
        text = f"Unable to import module '{module}': {error}"
        return None, describe(error, "Runtime.ImportModuleError", text)
    except AttributeError as error:
        if error.name != function:
            return None, describe(error)
        return None, describe(error, "Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{module}'")
    except BaseException as error:  # noqa: BLE001  whatever the module's own code raises is the function's failure
        return None, describe(error)


def invoke(handler: Any, request: dict[str, Any]) -> dict[str, Any]:
    try:
        result = handler(request["event"], Context(request["request_id"], request["seconds"]))
    except BaseException as error:  # noqa: BLE001  SystemExit, too, is the function's failure and not the worker's
        return {"error": describe(error) | {"requestId": request["request_id"]}}
    try:
        return {"result": json.loads(json.dumps(result))}
    except (TypeError, ValueError) as error:
        return {"error": describe(error, "Runtime.MarshalError", f"Unable to marshal response: {error}")}


def send(answers: TextIO, answer: dict[str, Any]) -> None:
    sys.stdout.flush()
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def take_over(folder: str, environment: dict[str, str], files: list[int]) -> None:
    """Turn this fork into what a worker that had been started on its own would be."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    sys.path[0] = folder
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    if any(Path(folder, name).exists() or Path(folder, f"{name}.py").exists() for name in RUNTIME):
        for name in [each for each in sys.modules if each.partition(".")[0] in RUNTIME]:
            del sys.modules[name]  # the function's own version comes first, as on Lambda


def work(packages: list[str]) -> None:
    """Import the handler, then answer invocations until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    import time_machine

    model_database_tokens(os.environ.pop("REHEARSAL_DATABASE_TOKEN"))
    clock = time_machine.travel(float(os.environ.pop("REHEARSAL_NOW")), tick=True).start()
    handler, failure = load(os.environ["_HANDLER"], packages)
    send(answers, {"error": failure} if failure else {})
    for line in sys.stdin:
        request = json.loads(line)
        clock.move_to(request["now"])
        print(f"START RequestId: {request['request_id']} Version: {os.environ['AWS_LAMBDA_FUNCTION_VERSION']}")
        answer = invoke(handler, request)
        print(f"END RequestId: {request['request_id']}")
        send(answers, answer)


def fork(control: socket.socket, request: dict[str, Any], files: list[int], packages: list[str]) -> int:
    """The id of a new worker. In the worker this does not return."""
    pid = os.fork()
    if pid:
        for file in files:
            os.close(file)
        return pid
    try:
        control.close()
        take_over(request["folder"], request["environment"], files)
        work(packages)
    except BaseException:  # noqa: BLE001  a worker must not go on as the server
        traceback.print_exc()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os._exit(0)


def end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with its caller, which closes the socket
    packages = isolate()
    importlib.import_module("time_machine")  # so that no worker has to
    read_models()
    gc.collect()
    gc.freeze()  # what is here now is shared: no worker's collector needs to touch it
    workers: set[int] = set()
    while True:
        message, files, *_rest = socket.recv_fds(control, LONGEST, 3)
        if not message:
            break
        request = json.loads(message)
        if "end" in request:
            if request["end"] in workers:
                workers.remove(request["end"])
                end(request["end"])
            answer: dict[str, Any] = {}
        else:
            answer = {"pid": fork(control, request, list(files), packages)}
            workers.add(answer["pid"])
        control.sendall(json.dumps(answer).encode())
    for pid in workers:
        end(pid)


if __name__ == "__main__":
    main()
