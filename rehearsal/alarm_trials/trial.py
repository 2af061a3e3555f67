"""Quiet days first, then one thing after another breaks: which alarms go off, how soon, and which do without a cause.

Enters: a deployed environment in a cloud that is monitored. Leaves: `Verdict`. Everything that is judged is the deployed alarm's
own state, made by the embedded CloudWatch from what was really emitted. What runs each minute does not run here: see `THINNED`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aws_rehearsal import metrics
from rehearsal.alarm_trials import causes
from rehearsal.alarm_trials.catalogue import Catalogue
from rehearsal.alarm_trials.causes import Expected
from rehearsal.alarm_trials.site import ROLES, Site
from strategy.catalogue import names
from strategy.catalogue.alarm_model import Alarm
from strategy.catalogue.alarm_table import table

THINNED = "what runs each minute (heartbeats, the switch's metric, the fence) does not run: no alarm of the table reads it"
CLEARS = timedelta(minutes=50)
"""After what broke was fixed, until an alarm that can clear must have."""
SETTLED = timedelta(minutes=2)
_MINUTE = timedelta(minutes=1)
Cause = Callable[[Site], Iterator[Expected]]


@dataclass(frozen=True, slots=True)
class Fired:
    """`took` from the moment that the promise was broken, beside what the table promises."""

    role: str
    alarm: str
    cause: str
    took: timedelta
    promised: timedelta


@dataclass(slots=True)
class Verdict:
    total: int = 0
    quiet_days: float = 0
    false: list[str] = field(default_factory=list)
    """Alarms that went off in the quiet days."""
    fired: list[Fired] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    """Alarms that did not go off for their cause, or too late."""
    unexpected: list[str] = field(default_factory=list)
    """Alarms that went off while something else was broken."""
    uncleared: list[str] = field(default_factory=list)
    digests: int = 0
    """Sent in the quiet days, by both regions."""

    @property
    def proven(self) -> set[tuple[str, str]]:
        return {(each.role, each.alarm) for each in self.fired if each.took <= each.promised}


class Trial:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._alarms: dict[tuple[str, str], Alarm] = {
            (role, each.name.removeprefix(names.alarm(site.strategy.prefix, ""))): each
            for role in ROLES
            for each in table(site.strategy, site.region(role))
        }
        self.verdict = Verdict(total=len(self._alarms))

    def quiet(self, until: datetime) -> None:
        """Nothing is broken, everything runs."""
        began, before = self._now(), len(metrics.watch().changes)
        self._pass(until)
        self.verdict.quiet_days += (self._now() - began) / timedelta(days=1)
        self.verdict.digests = sum(
            times
            for (caller, _, _, operation), times in self._site.cloud.gateway.callers.items()
            if (caller, operation) == (names.function(self._site.strategy.prefix, "digest"), "Publish")
        )
        self.verdict.false += [f"{at:%d %H:%M} {role} {name}" for at, role, name in self._gone_off(before)]

    def breaks(self, *broken: Cause, mends: bool = True, clears: bool = True) -> None:
        """All at once; they must be independent. Lasting ones are not waited for to clear."""
        before = len(metrics.watch().changes)
        expected = {
            (each.role, each.alarm): (cause.__name__, self._now() + max(each.after, timedelta()), each.lasts)
            for cause in broken
            for each in cause(self._site)
        }
        self.judge(expected, before=before)
        if not mends:
            return
        self._site.mend()
        if clears:
            before = len(metrics.watch().changes)
            self._pass(self._now() + CLEARS)
            self.verdict.unexpected += [f"{role} {name}, when repaired" for _, role, name in self._gone_off(before)]
            lasting = {key for key, (_, _, lasts) in expected.items() if lasts}
            self.verdict.uncleared += sorted(
                f"{role} {name}" for role, name in expected.keys() - lasting if self._is_off(role, name)
            )

    def judge(self, expected: dict[tuple[str, str], tuple[str, datetime, bool]], *, before: int) -> None:
        """Lets the promised times pass. `expected`: cause, when the promise is broken, and whether it lasts; `before`: how many
        changes of state there were.
        """
        self._pass(max(since + self._alarms[key].notices for key, (_, since, _) in expected.items()) + SETTLED)
        went_off: dict[tuple[str, str], datetime] = {}
        for at, role, name in self._gone_off(before):
            went_off.setdefault((role, name), at)
        for key, (title, since, _) in expected.items():
            if key in went_off:
                took = max(went_off[key] - since, timedelta())
                self.verdict.fired.append(Fired(*key, title, took, self._alarms[key].notices))
            if key not in went_off or went_off[key] > since + self._alarms[key].notices:
                self.verdict.unproven.append(f"{key[0]} {key[1]} ({title})")
        self.verdict.unexpected += [f"{role} {name}" for role, name in went_off if (role, name) not in expected]

    # ------------------------------------------------------------------
    def _now(self) -> datetime:
        return self._site.cloud.clock.now()

    def _pass(self, until: datetime) -> None:
        self._site.cloud.clock.advance_to(until)

    def _gone_off(self, since: int) -> Iterator[tuple[datetime, str, str]]:
        roles = {self._site.region(role): role for role in ROLES}
        for at, region, name, state in metrics.watch().changes[since:]:
            if state == "ALARM" and region in roles:
                yield at, roles[region], name.removeprefix(names.alarm(self._site.strategy.prefix, ""))

    def _is_off(self, role: str, name: str) -> bool:
        cloudwatch = self._site.client("cloudwatch", role)
        (found,) = cloudwatch.describe_alarms(AlarmNames=[names.alarm(self._site.strategy.prefix, name)])["MetricAlarms"]
        return bool(found["StateValue"] == "ALARM")


def whole(site: Site, quiet: timedelta) -> Verdict:
    """The trial of every alarm of the table, after that many quiet days."""
    trial, began = Trial(site), site.cloud.clock.now()
    site.cloud.gateway.interceptors.append(Catalogue(site.strategy))
    trial.quiet(began + quiet)
    trial.breaks(causes.jobs_fail, causes.points_change, causes.settings_change, causes.proofs_fail)
    trial.breaks(causes.sizes_change, causes.readings_are_refused, clears=False)
    trial.breaks(causes.plan_stops, causes.histories_end, causes.preflights_stop, clears=False)
    trial.breaks(causes.monitors_stop, clears=False)
    return trial.verdict
