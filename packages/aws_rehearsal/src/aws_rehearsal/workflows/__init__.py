"""Step Functions: what moto's interpreter of the Amazon States Language lacks to be AWS's.

moto parses and runs state machines; `patches/stepfunctions.py` lets it use what is here: JSONata expressions, AWS's spelling
of parameters, results and error names, and waits on the cloud's clock. Executions end with their region and with the cloud.
"""

from __future__ import annotations

import logging

from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from aws_rehearsal.cloud import ACCOUNT, Cloud
from aws_rehearsal.workflows import executions


def install(cloud: Cloud) -> None:
    # moto logs every failed state as an error of its own; a failed state is an ordinary event, and the history has it.
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    cloud.region_lost.append(_abort)
    cloud.closing.append(_abort_all)


def _abort_all() -> None:
    for region in list(stepfunctions_parser_backends[ACCOUNT]):
        _abort(region)


def _abort(region: str) -> None:
    for machine in stepfunctions_parser_backends[ACCOUNT][region].state_machines:
        for execution in machine.executions:
            executions.stop(execution, error="Rehearsal.RegionLost", cause=f"{region} is gone, and its executions with it")
