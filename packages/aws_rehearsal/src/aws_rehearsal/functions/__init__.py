"""Lambda: functions run as the real Python they are, in warm worker processes on this machine.

`patches/awslambda.py` sends moto's invocations here. `cloud.before_invoke` is called before each; workers die with their
region and with the cloud.
"""

from __future__ import annotations

from aws_rehearsal import context
from aws_rehearsal.cloud import Cloud
from aws_rehearsal.functions.runtime import Invocation, Runtime

__all__ = ["Invocation", "Runtime", "install", "runtime"]

_runtimes: list[Runtime] = []


def install(cloud: Cloud) -> None:
    runtime = Runtime(cloud)
    _runtimes.append(runtime)
    cloud.region_lost.append(runtime.lose)
    cloud.closing.append(lambda: _runtimes.remove(runtime))
    cloud.closing.append(runtime.close)


def runtime() -> Runtime:
    """The running cloud's Lambda; LookupError when there is none."""
    context.current()
    return _runtimes[-1]
