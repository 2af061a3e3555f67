"""The one table of states: that it has every state that AWS documents, says what to do, and is the only one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session

import aws_rehearsal
from strategy.catalogue import store_states
from strategy.catalogue.routes import Kind
from strategy.catalogue.store_states import INSTANCE, STATES, TABLE, Course, of, of_course, said

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTED = {
    "available",
    "backing-up",
    "configuring-enhanced-monitoring",
    "configuring-iam-database-auth",
    "configuring-log-exports",
    "converting-to-vpc",
    "creating",
    "delete-precheck",
    "deleting",
    "failed",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "incompatible-create",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "incompatible-restore",
    "insufficient-capacity",
    "maintenance",
    "modifying",
    "moving-to-vpc",
    "rebooting",
    "renaming",
    "resetting-master-credentials",
    "restore-error",
    "starting",
    "stopped",
    "stopping",
    "storage-config-upgrade",
    "storage-full",
    "storage-initialization",
    "storage-optimization",
    "upgrade-failed",
    "upgrading",
}
"""The table of "Viewing Amazon RDS DB instance status", RDS User Guide, as of September 2026."""


def test_every_state_of_an_instance_that_aws_documents_is_known() -> None:
    assert set(INSTANCE) == DOCUMENTED


def test_every_state_of_a_table_that_aws_documents_is_known() -> None:
    status: Any = get_session().get_service_model("dynamodb").shape_for("TableStatus")
    assert sorted(TABLE) == sorted(status.enum)


@pytest.mark.parametrize("kind", STATES)
def test_where_waiting_does_not_help_a_person_is_told_what_does(kind: Kind) -> None:
    for word, state in STATES[kind].items():
        assert bool(state.then) is state.stuck, word
        assert said(kind, "bank", word).startswith(f"bank is {word}")
    assert {state.course for state in STATES[kind].values()} == set(Course) - {Course.UNKNOWN}


@pytest.mark.parametrize("kind", STATES)
def test_what_waiting_does_not_end_the_embedded_aws_does_not_end_either(kind: Kind) -> None:
    """Two tables of one thing: followed by itself to where it stays, or not."""
    theirs = aws_rehearsal.STATES["instance" if kind == "mysql" else "table"]
    assert set(theirs) == set(STATES[kind])
    for word, state in STATES[kind].items():
        last = word
        while last and theirs[last].ends is aws_rehearsal.Ends.ITSELF:
            last = theirs[last].then
        settles = bool(last) and theirs[last].ends is aws_rehearsal.Ends.STAYS
        assert state.stuck is not settles, (word, last)


@pytest.mark.parametrize("kind", STATES)
def test_a_word_that_nobody_knows_is_said_to_be_so(kind: Kind) -> None:
    state = of(kind, "levitating")
    assert (state.course, state.stuck, state.silent) == (Course.UNKNOWN, False, False)
    assert "no state that these tools know" in said(kind, "bank", "levitating")
    assert "levitating" not in of_course(kind, *Course)


def test_no_other_list_of_states_is_kept() -> None:
    """Three lists disagreed once. A collection that names two states of one kind belongs into the table."""
    own = Path(store_states.__file__)
    found = [
        f"{file.relative_to(ROOT)}:{line}: {sorted(words)}"
        for folder in ("strategy", "components", "backup_stack", "dr_stack", "monitoring_stack", "recovery")
        for file in sorted((ROOT / folder).rglob("*.py"))
        if file != own
        for line, words in _collections(file)
        if len(words) > 1 and words <= {*INSTANCE, *TABLE}
    ]
    assert found == []


def _collections(file: Path) -> Iterator[tuple[int, set[str]]]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Set | ast.List | ast.Tuple):
            yield (
                node.lineno,
                {each.value for each in node.elts if isinstance(each, ast.Constant) and isinstance(each.value, str)},
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "' in [" not in node.value and "['" in node.value:
            yield node.lineno, set(node.value.replace('"', "'").split("'")[1::2])
