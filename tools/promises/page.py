"""docs/promises.md, from the statements, the markers of the tests and a strategy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from strategy import Strategy
from tools.promises.proofs import Marker, proofs
from tools.promises.statements import Chapter, Statement
from tools.promises.values import fill

NOT_KEPT_YET = "*not kept yet*"
NO_PROOF = "no test bears this id"


def render(strategy: Strategy, promised: Sequence[Chapter], found: Sequence[Marker]) -> str:
    return "\n".join(_lines(strategy, promised, found)) + "\n"


def _lines(strategy: Strategy, promised: Sequence[Chapter], found: Sequence[Marker]) -> Iterator[str]:
    statements = [each for chapter in promised for each in chapter.statements]
    done = sum(bool(proofs(found, each.id)) for each in statements)
    source = f"environments/{strategy.environment}.toml"
    yield from ("# What the strategy promises, what keeps it, and what proves it", "")
    yield from (f"<!-- Written by `make docs` from tools/promises/, {source} and the tests' markers: change those. -->", "")
    yield f"{len(statements)} statements of the bank's backup and restore strategy, with the numbers of `{source}`:"
    waiting = len(statements) - done
    rest = f"; {waiting} read {NOT_KEPT_YET}, with the subject of the work that will keep them" if waiting else ""
    yield f"{done if waiting else 'all'} are kept by code and proven by a test{rest}."
    yield "Under each stands its id: a test that proves it bears `@pytest.mark.proves` with that id."
    yield f"How far each objective is from its limit is shown by `python -m recovery strategy --env {strategy.environment}`."
    for chapter in promised:
        yield from ("", f"## {chapter.title}", "", "| statement | kept by | proven by |", "|---|---|---|")
        yield from (_row(each, proofs(found, each.id), strategy) for each in chapter.statements)


def _row(statement: Statement, proven: Sequence[Marker], strategy: Strategy) -> str:
    cells = (f"{fill(statement.text, strategy)}<br>`{statement.id}`", *_status(statement, proven))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _status(statement: Statement, proven: Sequence[Marker]) -> tuple[str, str]:
    if not proven:
        return NOT_KEPT_YET, statement.later or NO_PROOF
    files = "<br>".join(f"[`{path}`](../{path})" for path in statement.by)
    return files, "<br>".join(f"[`{each.name}`](../{each.path})" for each in proven)
