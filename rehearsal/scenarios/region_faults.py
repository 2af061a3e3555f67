"""Faults of the night itself: half a copy, an operator who is gone, a branch that fails and is resumed."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from moto.rds.models import rds_backends
from werkzeug.wrappers import Response

from aws_rehearsal import ACCOUNT, CREATING, EACH_MINUTE, outbox, refusal
from recovery.cutover.beat import Beat
from recovery.recovery_points import RESOURCE_TYPES
from rehearsal.progress import Detail
from rehearsal.scenarios.backup import next_run
from rehearsal.scenarios.base import HANGS, Context, ScenarioFailed, World, wait_for
from rehearsal.scenarios.client import Answer, recovery, running
from rehearsal.scenarios.faults import Fault
from rehearsal.scenarios.restore_faults import put_in
from rehearsal.scenarios.workflow import Execution, executions
from rehearsal.scenarios.workload import ROUNDS_PER_HOUR, work, work_until
from strategy.catalogue import names
from strategy.catalogue.region_steps import WORKFLOW
from strategy.catalogue.routes import Route

_UNDER_WAY = timedelta(seconds=10)
"""After MySQL's copy began: it takes ten modelled minutes, and the table's, which began before it, still two."""
_NAMED = re.compile(r"\bPlan (r[0-9a-f]+)\b")
_CLIENT_SECONDS = HANGS
_HOURS = timedelta(hours=4)
_FENCED_WITHIN = timedelta(minutes=3)
"""The fence looks each minute."""


class HalfCopy(Fault):
    name = "half-copy"
    about = "the region is lost in the middle of the next copy; half of it is there, newer, and must not be used"

    def __init__(self, context: Context, world: World) -> None:
        super().__init__(context, world)
        self._lost: list[datetime] = []

    def lose(self, newest: datetime, detail: Detail) -> datetime:  # noqa: ARG002
        context, clock = self.context, self.context.cloud.clock
        run, began = next_run(context), list[bool]()
        work_until(context, self.world, run - timedelta(minutes=1), detail)

        def notice(region: str, _service: str, operation: str) -> Response | None:
            if (region, operation) == (context.recovery, "CopyDBSnapshot") and not began:
                began.append(True)
                clock.call_after(_UNDER_WAY, self._lose)
            return None

        with put_in(context.cloud.gateway.interceptors, notice):
            clock.advance_to(run)
            work(self.world, ROUNDS_PER_HOUR)
            wait_for(lambda: bool(self._lost), what="a copy to be under way")
        detail.note(f"the backups of {run:%H:%M} UTC were on their way here when the outage came")
        return self._lost[0]

    def _lose(self) -> None:
        self.context.cloud.lose_region(self.context.primary)
        self._lost.append(self.context.cloud.clock.now())

    def findings(self, execution: Execution) -> list[str]:
        halves = self._halves()
        if not halves:
            raise ScenarioFailed("no half copy was left: nothing could have been mistaken for a whole one")
        used = {each["source"] for each in execution.output.get("stores", [])}
        return [f"half a copy was used: {each}" for each in halves if any(each in source for source in used)]

    def _halves(self) -> list[str]:
        backup, vault = self.world.stores.client("backup", self.context.recovery), names.copy_vault(self.context.strategy.prefix)
        points = backup.list_recovery_points_by_backup_vault(BackupVaultName=vault)["RecoveryPoints"]
        return [each["RecoveryPointArn"] for each in points if each["Status"] == CREATING]


class OperatorGone(Fault):
    name = "operator-gone"
    about = "the operator's machine dies (SIGKILL); the workflow goes on, and another client follows it by the mail it sent"

    def arm(self) -> None:
        """Somebody reads the mail of the recovery region: development's alerts go to nobody."""
        topic = names.alert_topic_arn(self.context.strategy.prefix, self.context.recovery, self.context.strategy.account)
        sns = self.world.stores.client("sns", self.context.recovery)
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="colleague@banking-buddy.example")

    def start(self, words: Sequence[str], detail: Detail) -> Answer:
        context = self.context
        store = names.function(context.strategy.prefix, "region-store")
        with running(context, *words, region=context.recovery) as client:

            def kill(region: str, function: str, _event: Any) -> None:
                if region == context.recovery and function == store:
                    client.kill()

            with put_in(context.cloud.before_invoke, kill):
                client.communicate(timeout=_CLIENT_SECONDS)
        if client.returncode != -signal.SIGKILL:
            raise ScenarioFailed(f"the client ended {client.returncode} before its machine could die")
        plan = _told(context)
        detail.note(f"the operator's machine died; another one follows plan {plan}, which the mail names")
        return recovery(context, "follow", plan, detail=detail, region=context.recovery)

    def findings(self, execution: Execution) -> list[str]:
        others = [each for each in _plans(self.context) if each != execution.output.get("plan_id")]
        return [f"plan {each} was started besides" for each in others]


class BranchFails(Fault):
    name = "branch-fails"
    about = "AWS refuses the table's point-in-time recovery; the other branches go on, and resuming redoes none of them"

    def __init__(self, context: Context, world: World) -> None:
        super().__init__(context, world)
        self._refused: list[str] = []

    def arm(self) -> None:
        self.context.cloud.gateway.interceptors.append(self._refuse)

    def _refuse(self, region: str, service: str, operation: str) -> Response | None:
        if (region, operation) != (self.context.recovery, "UpdateContinuousBackups"):
            return None
        self._refused.append(operation)
        return refusal(service, "AccessDeniedException", "an organisation's policy refuses it", status=400)

    def mend(self, answer: Answer, detail: Detail) -> Answer:
        """What the first attempt says is what an operator reads: which store, and the command that goes on."""
        self.context.cloud.gateway.interceptors.remove(self._refuse)
        store, resume = self.world.stores.table_store.name, re.search(r"python -m recovery resume (r[0-9a-f]+)", answer.said)
        if not self._refused or answer.code != 1 or resume is None or f"{store}: " not in answer.said:
            raise ScenarioFailed(f"the branch of {store} was to fail, and to say so: {answer.said.strip()[-600:]}")
        detail.note(f"the branch of {store} failed, and was fixed; plan {resume[1]} is resumed")
        return recovery(self.context, "resume", resume[1], detail=detail, region=self.context.recovery)

    def findings(self, execution: Execution) -> list[str]:
        """One restore job a store, and one attempt of every other branch: what was done was kept."""
        context, found = self.context, list[str]()
        if execution.output.get("attempt") != 2:
            found.append(f"the recovery ended in attempt {execution.output.get('attempt')}, not in its second")
        jobs = context.cloud.client("backup", context.recovery).list_restore_jobs()["RestoreJobs"]
        for store in context.strategy.stores:
            made = [each for each in jobs if each["ResourceType"] == RESOURCE_TYPES[store.kind]]
            if len(made) != 1:
                found.append(f"{store.name} was restored by {len(made)} jobs: a branch was done again")
        again = executions(context, context.recovery, Route.MYSQL_FROM_RECOVERY_POINT)
        if len(again) != 1:
            found.append(f"the branch that was well was run {len(again)} times")
        return found


class PrimaryReturns(Fault):
    name = "primary-returns"
    about = "the lost region comes back, data and all, in the middle of the recovery; it fences itself, and nobody writes there"

    def __init__(self, context: Context, world: World) -> None:
        super().__init__(context, world)
        self._there = world.application
        self._returned: list[datetime] = []

    def lose(self, newest: datetime, detail: Detail) -> datetime:
        """Cut off, and not destroyed. Its fence has looked once before: so it knows later that it was away."""
        cloud, primary = self.context.cloud, self.context.primary
        work_until(self.context, self.world, newest + _HOURS, detail)
        fence = names.function(self.context.strategy.prefix, "fence-region")
        self.world.stores.client("lambda", primary).invoke(FunctionName=fence, Payload=b"{}")
        cloud.darken_region(primary)
        return cloud.clock.now()

    def arm(self) -> None:
        context = self.context

        def notice(region: str, function: str, _event: Any) -> None:
            if region == context.recovery and function == self.world.stores.function_of_mysql_verification and not self._returned:
                self._returned.append(context.cloud.clock.now())
                context.cloud.light_region(context.primary)
                self._each_minute()

        context.cloud.before_invoke.append(notice)

    def _each_minute(self) -> None:
        """The returned region's rules run again, as EventBridge would run them."""
        self.context.cloud.each_minute = True
        events = self.world.stores.client("events", self.context.primary)
        for rule in events.list_rules()["Rules"]:
            if rule.get("ScheduleExpression") == EACH_MINUTE:
                events.enable_rule(Name=rule["Name"])

    def findings(self, execution: Execution) -> list[str]:  # noqa: ARG002
        if not self._returned:
            raise ScenarioFailed(f"{self.context.primary} did not return in the middle of the recovery")
        ssm, prefix = self.world.stores.client("ssm", self.context.primary), self.context.strategy.prefix
        beat = Beat.from_json(ssm.get_parameter(Name=names.heartbeat(prefix))["Parameter"]["Value"])
        found = []
        if not beat.closed or beat.changed - self._returned[0] > _FENCED_WITHIN:
            found.append(f"{self.context.primary} did not fence itself within {_FENCED_WITHIN}: {beat.to_json()}")
        before = self._there.rounds
        self._there.start()
        self._there.tried()
        self._there.end()
        serving = [name for name, each in self._there.services.items() if each.ended_by is None]
        if serving or self._there.rounds != before:
            found.append(f"two regions took writes: {', '.join(serving)} served in {self.context.primary} again")
        return found


class ReplicaBroken(Fault):
    name = "replica-broken"
    about = "the read replica stops following hours before the outage; the replicated automated backup is fresher, and goes first"

    def prepare(self, newest: datetime) -> datetime:
        replica = names.read_replica(self.context.strategy.prefix, self.world.stores.mysql_store.name)
        instance = rds_backends[ACCOUNT][self.context.recovery].databases.get(replica)
        if instance is None:
            raise ScenarioFailed(f"there is no read replica {replica} to break: rehearse an environment that has one")
        instance.following.part()
        return newest

    def findings(self, execution: Execution) -> list[str]:
        store = self.world.stores.mysql_store.name
        used = [each["source"] for each in execution.output.get("stores", []) if each["store"] == store]
        return [] if used and "automated backup" in used[0] else [f"{store} came back from {used}, not from the automated backup"]


def _told(context: Context) -> str:
    """The plan that the stakeholders were told of: whoever takes over has nothing else."""
    mails = [mail for mail in outbox(context.cloud, context.recovery) if context.primary in (mail.subject or "")]
    named = [found[1] for mail in mails if (found := _NAMED.search(mail.message))]
    if not named:
        raise ScenarioFailed("no mail names the plan: nobody could take over from the operator")
    return named[-1]


def _plans(context: Context) -> set[str]:
    return {each["name"].rpartition("-")[0] for each in executions(context, context.recovery, WORKFLOW)}
