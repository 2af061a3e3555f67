"""Making a restored store the strategy's own: the line of `environments/<name>.toml` that names it, and the deployment after.

Until then the store is live, and its backups and its settings are nobody's: the stack still names the old one.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from recovery.errors import WrongInput
from recovery.restore.plan import Plan
from strategy import Strategy, StrategyError, load
from strategy.catalogue import names
from strategy.catalogue.store_arns import physical_name
from strategy.model.document import EXTENDS
from strategy.model.loader import ENVIRONMENTS, files


class CannotAdopt(WrongInput):
    """The file is left as it was; the message says why, and what to do by hand."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """What remains. A managed store is named by `identifier`, an existing one by its `arn`, which somebody else's code makes."""

    plan: Plan
    key: str
    value: str
    done: bool
    """The strategy names it already."""

    @property
    def line(self) -> str:
        return f'{self.key} = "{self.value}"'

    @property
    def commands(self) -> tuple[str, ...]:
        """Import it, where the stack is ours; it imports what the template newly names and AWS already has.

        `--exclusively`: the stack comes after those of the other region, which may be the one that is down.
        """
        if self.key == "arn":
            return ()
        plan = self.plan
        stack = names.stack_id(plan.prefix, "backup", plan.region)
        context = f"-c environment={plan.environment}"
        return (
            *self._let_go,
            f"npx cdk diff --exclusively {stack} {context}",
            f"npx cdk deploy --exclusively {stack} {context} --import-existing-resources",
        )

    @property
    def _let_go(self) -> tuple[str, ...]:
        """A promoted read replica is another stack's, which keeps it when it goes: CloudFormation imports no resource that
        a stack has.
        """
        if not self.plan.replica or self.plan.route.kind != "mysql":
            return ()
        there = f"--region {self.plan.region} --stack-name {names.stack(self.plan.prefix, 'read-replica')}"
        return (f"aws cloudformation delete-stack {there}", f"aws cloudformation wait stack-delete-complete {there}")

    @property
    def checks(self) -> tuple[str, ...]:
        """What shows that it worked."""
        plan = self.plan
        where = f"--env {plan.environment} --region {plan.region}"
        if self.key == "arn":
            return (f"python -m recovery status {where}",)
        kind = "AWS::RDS::DBInstance" if plan.route.kind == "mysql" else "AWS::DynamoDB::GlobalTable"
        stack = names.stack(plan.prefix, "backup")
        query = f"StackResources[?ResourceType=='{kind}'].[PhysicalResourceId,ResourceStatus]"
        return (
            f'aws cloudformation describe-stack-resources --region {plan.region} --stack-name {stack} --query "{query}"',
            f"python -m recovery status {where}",
        )


def adoption(strategy: Strategy, plan: Plan) -> Adoption:
    store = strategy.store(plan.store)
    managed = store.source == "managed"
    value = plan.target.name if managed else plan.target.arn
    return Adoption(plan, "identifier" if managed else "arn", value, done=physical_name(strategy, store) == plan.target.name)


def write(given: Adoption, *, directory: Path = ENVIRONMENTS) -> Path:
    """Put the line into the environment's file. Comments and layout stay; what does not load is never put there."""
    plan = given.plan
    path = directory / f"{plan.environment}.toml"
    text = edited(path.read_text(encoding="utf-8"), plan.store, given.key, given.line)
    with tempfile.TemporaryDirectory(dir=directory.parent) as place:
        for each in files(path):
            shutil.copy(each, place)
        trial = Path(place) / path.name
        trial.write_text(text, encoding="utf-8")
        try:
            found = load(plan.environment, directory=trial.parent)
        except StrategyError as error:
            raise CannotAdopt(f"{path}: with {given.line} it does not load ({error}); it was left as it was") from error
        if physical_name(found, found.store(plan.store)) != plan.target.name:
            raise CannotAdopt(f"{path}: the line would not take effect; put {given.line} under {plan.store} by hand")
        trial.chmod(path.stat().st_mode)
        trial.replace(path)
    return path


def edited(text: str, store: str, key: str, line: str) -> str:
    """The document with `line` in the `[[stores]]` table of that name: in the place of an earlier one, or below the name.

    Where the base alone has the store, the file gets a table for what is its own of it.
    """
    lines = text.splitlines(keepends=True)
    for begin, end in _tables(lines):
        named = [at for at in range(begin, end) if re.match(rf"""name\s*=\s*["']{re.escape(store)}["']""", lines[at].strip())]
        if not named:
            continue
        earlier = [at for at in range(begin, end) if re.match(rf"{key}\s*=", lines[at].strip())]
        if earlier:
            _, _, comment = lines[earlier[0]].partition("#")
            lines[earlier[0]] = f"{line}  # {comment.strip()}\n" if comment.strip() else f"{line}\n"
        else:
            lines.insert(named[0] + 1, f"{line}\n")
        return "".join(lines)
    if EXTENDS in tomllib.loads(text):
        return f'{text.rstrip()}\n\n[[stores]]\nname = "{store}"\n{line}\n'
    raise CannotAdopt(f"no [[stores]] table has the name {store!r}: put {line} there by hand")


def _tables(lines: list[str]) -> list[tuple[int, int]]:
    """First and past-the-last line of each `[[stores]]` table, its sub-tables not included."""
    heads = [at for at, line in enumerate(lines) if line.startswith("[")] + [len(lines)]
    return [(begin + 1, end) for begin, end in pairwise(heads) if lines[begin].split("#")[0].strip() == "[[stores]]"]
