"""Every block of commands in every runbook, typed in order into a terminal beside a bank at work, and what it came to.

The pages are dev's: the same templates as production's. `tests/docs/test_runbooks.py` compares production's with the generator.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import pytest
from rich.console import Console

from aws_rehearsal import authority_path
from recovery.runbooks import REGION, render
from rehearsal.bank.generator import generate
from rehearsal.options import Options
from rehearsal.scenarios import Context, World
from rehearsal.scenarios.backup import backed_up, run_next_backup
from rehearsal.scenarios.base import wait_for
from rehearsal.scenarios.client import signed_in
from rehearsal.scenarios.cutover import led_to, minute_by_minute
from rehearsal.scenarios.observations import connected, fenced_table, settings
from rehearsal.scenarios.people import Duty
from rehearsal.scenarios.region_loss import install_ahead
from rehearsal.scenarios.workload import work_until
from rehearsal.session import deploy_and_load, prepared
from strategy import load
from strategy.catalogue import names as naming
from strategy.catalogue.region_steps import WORKFLOW
from strategy.catalogue.routes import Kind, Route
from tests.assemblies import deployable, dr_template
from tests.rehearsal.aws_server import command_line
from tests.rehearsal.terminal import Terminal
from tests.runbooks import Block, blocks
from tools.permissions.calls import NOT_REHEARSED, idle, refused
from tools.permissions.grants import APPROVER, OPERATOR, grants

pytestmark = [pytest.mark.extended, pytest.mark.xdist_group("runbooks")]  # the last test judges the calls of all of them
REPAIR = "Or: repair the live table"
SEED = 5
PLAN = re.compile(r"\br[0-9a-f]{8}\b")


@dataclass
class Bank:
    context: Context
    world: World
    folder: Path
    aws: str

    def terminal(self, name: str, duty: Duty | None = None) -> Terminal:
        """Of whoever has the duty; without one, of an administrator."""

        def person() -> Mapping[str, str]:
            cloud = self.context.cloud
            return cloud.credentials("administrator").environment() if duty is None else signed_in(self.context, duty)

        return Terminal(self.context, self.folder / name, self.aws, person)

    @cached_property
    def region_terminal(self) -> Terminal:
        return self.terminal(REGION, Duty.OPERATOR)

    def work(self, minutes: int) -> datetime:
        """Until when."""
        clock = self.context.cloud.clock
        with self.context.progress.step("work") as detail:
            work_until(self.context, self.world, clock.now() + timedelta(minutes=minutes), detail)
        return clock.now()

    def back_up(self) -> None:
        """The plan's next run, with nobody writing: between a manifest and its backup every row more would be a difference."""
        with self.context.progress.step("back up") as detail, self.world.application.still():
            run_next_backup(self.context, detail)

    def used(self, kind: Kind) -> str:
        return self.world.stores.used(kind, self.context.primary)

    def settings(self, kind: Kind, name: str) -> dict[str, object]:
        return settings(self.world.stores, kind, self.context.primary, name)

    def users(self, name: str) -> set[str]:
        """Services' users connected to an instance."""
        users = {naming.service_user(each.name) for each in self.context.strategy.services}
        return connected(self.world.stores, self.context.primary, name) & users


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """Deployed, loaded with a branch of the bank, backed up and copied, and at work."""
    folder = tmp_path_factory.mktemp("runbooks")
    with (folder / "progress.log").open("w") as log, command_line() as aws:
        options = Options("dev", seed=SEED, output=folder / "rehearsal")
        with prepared(options, Console(file=log)) as context:
            world = deploy_and_load(context, bank=generate(SEED).branch(300, 100), assembly=deployable("dev"))
            backed_up(context, world)
            yield Bank(context, world, folder, aws)


def typed(terminal: Terminal, found: list[Block], values: dict[str, str]) -> str:
    return "".join(terminal.run(block, values) for block in found)


def of(route: str, *sections: str) -> list[Block]:
    """The blocks of these sections, in the page's order."""
    found = [each for each in blocks(render(load("dev"), route)) if each.section in sections]
    assert {each.section for each in found} == set(sections)
    return found


def night(bank: Bank) -> dict[str, str]:
    """Time passes; what a reader of any page sets."""
    moment = bank.work(30)
    bank.work(20)
    return {
        "AT": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "INCIDENT": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "CA": str(authority_path(bank.context.cloud.directory)),
    }


def moved(bank: Bank, kind: Kind, old: str, before: dict[str, object]) -> None:
    """The application is on another store, which is like the old one; nobody can use the old one."""
    new = bank.used(kind)
    assert new != old
    now = bank.settings(kind, new)
    assert (
        now.pop("tags") == bank.context.strategy.tags
    )  # the stack's, which the embedded AWS does not hand down to its resources
    assert now == {name: value for name, value in before.items() if name != "tags"}
    if kind == "mysql":
        assert (len(bank.users(new)), bank.users(old)) == (4, set())
    else:
        region = bank.context.primary
        assert fenced_table(bank.world.stores.dynamodb(region), bank.world.stores.arn(kind, region, old))


def back(bank: Bank, kind: Kind, old: str) -> None:
    assert bank.used(kind) == old
    if kind == "mysql":
        assert len(bank.users(old)) == 4
    bank.work(10)
    assert bank.world.application.running


@pytest.mark.proves(
    "documents.runbook-audit-table", "documents.runbook-mysql-point-in-time", "documents.runbook-mysql-recovery-point"
)
@pytest.mark.parametrize("route", Route)
def test_by_hand_and_undone(bank: Bank, route: Route) -> None:
    terminal, old = bank.terminal(f"{route}-by-hand"), bank.used(route.kind)
    before, values = bank.settings(route.kind, old), night(bank) | {"OLD": old}
    typed(terminal, of(route, "Before you start", "By hand"), values)
    moved(bank, route.kind, old, before)
    typed(terminal, of(route, "Undo"), values)
    back(bank, route.kind, old)


@pytest.mark.proves(
    "documents.runbook-audit-table", "documents.runbook-mysql-point-in-time", "documents.runbook-mysql-recovery-point"
)
@pytest.mark.parametrize("route", Route)
def test_with_the_tool_and_undone(bank: Bank, route: Route) -> None:
    terminal, old = bank.terminal(f"{route}-tool", Duty.OPERATOR), bank.used(route.kind)
    before, values = bank.settings(route.kind, old), night(bank) | {"OLD": old, "PLAN": ""}
    typed(terminal, of(route, "Before you start"), values)
    restoring = of(route, "Restore")
    typed(terminal, [each for each in restoring if each.step == REPAIR], values)
    assert bank.used(route.kind) == old
    for block in (each for each in restoring if each.step != REPAIR):
        said = terminal.run(block, values)
        values["PLAN"] = (PLAN.findall(said) or [values["PLAN"]])[-1]
    moved(bank, route.kind, old, before)
    typed(terminal, of(route, "If it stops", "Afterwards"), values)
    names = [each for each in of(route, "By hand") if each.step.startswith("1. ")]
    typed(bank.terminal(f"{route}-undo"), [*of(route, "Before you start"), *names, *of(route, "Undo")], values)
    back(bank, route.kind, old)


def approved(bank: Bank, waiting: Block, approving: list[Block], values: dict[str, str]) -> str:
    """One person recovers; a second one, told the plan's id, approves both meanwhile. What the first one saw."""
    strategy, region = bank.context.strategy, bank.context.recovery
    states = bank.context.cloud.client("stepfunctions", region)
    machine = naming.state_machine_arn(strategy.prefix, WORKFLOW, region, strategy.account)
    second = bank.terminal("region-second-person", Duty.APPROVER)
    typed(second, of(REGION, "Before you start"), values)
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(bank.region_terminal.run, waiting, values)
        wait_for(lambda: states.list_executions(stateMachineArn=machine)["executions"] or first.done(), what="a region plan")
        if not first.done():
            (run,) = states.list_executions(stateMachineArn=machine)["executions"]
            values["PLAN"] = run["name"].partition("-")[0]
            plans = bank.context.cloud.client("dynamodb", region)
            key = {"plan_id": {"S": values["PLAN"]}}
            table = naming.plans_table(strategy.prefix)
            wait_for(lambda: "Item" in plans.get_item(TableName=table, Key=key), what="the plan to be claimed")
            typed(second, approving, values)
        return first.result()


@pytest.mark.proves("documents.runbook-region")
def test_a_region_in_the_other_one(bank: Bank) -> None:
    """Nothing there is needed of the region that stands for the lost one: it could be gone."""
    prefix, region = bank.context.strategy.prefix, bank.context.recovery
    bank.back_up()
    values = night(bank) | {"MYSQL": naming.store(prefix, "mysql"), "TABLE": naming.store(prefix, "audit-logs"), "PLAN": ""}
    typed(bank.region_terminal, of(REGION, "Before you start"), values)
    status, plan, recover, approve, cut_over, follow = of(REGION, "Recover")
    typed(bank.region_terminal, [status, plan], values)
    install_ahead(bank.context, bank.world)
    assert led_to(bank.context) == bank.context.primary
    with minute_by_minute(bank.context, region):
        said = approved(bank, recover, [approve, cut_over], values)
        assert led_to(bank.context) == region
    assert "RECOVERED" in said
    assert f"traffic  is led to {region}" in said
    assert "LOST: what was written" in said
    bank.region_terminal.run(Block("Recover", "the plan's id", f"PLAN={values['PLAN']}\n"), values)
    typed(bank.region_terminal, [follow, *of(REGION, "If it stops")], values)
    ssm = bank.context.cloud.client("ssm", region)
    endpoint = json.loads(ssm.get_parameter(Name=naming.endpoint(prefix, "mysql"))["Parameter"]["Value"])
    assert naming.base(endpoint["resource"]) == values["MYSQL"] != endpoint["resource"]

    beside = values | {"MYSQL": f"{values['MYSQL']}-again", "TABLE": f"{values['TABLE']}-again"}
    typed(bank.terminal("region-by-hand"), of(REGION, "Before you start", "By hand"), beside)
    endpoint = json.loads(ssm.get_parameter(Name=naming.endpoint(prefix, "mysql"))["Parameter"]["Value"])
    assert endpoint["resource"] == beside["MYSQL"]


def test_every_call_in_the_recovery_region_was_allowed(bank: Bank) -> None:
    """Of the region's workflow and its functions: what they called, they may call on AWS."""
    strategy, region = bank.context.strategy, bank.context.recovery
    made = {call: times for call, times in bank.context.cloud.gateway.callers.items() if call[1] in {region, "us-east-1"}}
    assert {caller for caller, *_ in made} >= {naming.state_machine(strategy.prefix, WORKFLOW), OPERATOR, APPROVER}
    assert refused(grants(dr_template(strategy, region)), made) == []


def test_every_call_was_allowed(bank: Bank) -> None:
    """Of the workflows, the functions and the client, in all the restores above: what they called, they may call on AWS."""
    strategy, recorded = bank.context.strategy, bank.context.cloud.gateway.callers
    region = strategy.regions.primary
    granted = grants(dr_template(strategy, region))
    made = {call: times for call, times in recorded.items() if call[1] in {region, "us-east-1"}}
    assert {caller for caller, *_ in made} >= {OPERATOR, *(naming.state_machine(strategy.prefix, route) for route in Route)}
    assert refused(granted, made) == []
    unused = {(caller.removeprefix(f"{strategy.prefix}-"), action) for caller, action in idle(granted, made)}
    unexplained = sorted(unused - set(NOT_REHEARSED))
    assert not unexplained, f"granted, and never called: {unexplained}"
    ran = {caller.removeprefix(f"{strategy.prefix}-") for caller, *_ in made}
    explained = sorted(each for each in set(NOT_REHEARSED) - unused if each[0] in ran)
    assert not explained, f"called now, or not granted any more; take it off the list: {explained}"
