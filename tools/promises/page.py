"""docs/promises.md, from the statements and a strategy."""

from __future__ import annotations

from collections.abc import Iterator

from strategy import Strategy
from tools.promises.chapters import CHAPTERS
from tools.promises.statement import Kept, NotKeptYet, Statement
from tools.promises.values import fill

NOT_KEPT_YET = "*not kept yet*"


def render(strategy: Strategy) -> str:
    return "\n".join(_lines(strategy)) + "\n"


def _lines(strategy: Strategy) -> Iterator[str]:
    statements = [each for chapter in CHAPTERS for each in chapter.statements]
    done = sum(isinstance(each.status, Kept) for each in statements)
    source = f"environments/{strategy.environment}.toml"
    yield from ("# What the strategy promises, what keeps it, and what proves it", "")
    yield from (f"<!-- Written by `make docs` from tools/promises/ and {source}: change those. -->", "")
    yield f"{len(statements)} statements of the bank's backup and restore strategy, with the numbers of `{source}`:"
    waiting = len(statements) - done
    rest = f"; {waiting} read {NOT_KEPT_YET}, with the subject of the work that will keep them" if waiting else ""
    yield f"{done if waiting else 'all'} are kept by code and proven by a test{rest}."
    yield f"How far each objective is from its limit is shown by `python -m recovery strategy --env {strategy.environment}`."
    for chapter in CHAPTERS:
        yield from ("", f"## {chapter.title}", "", "| statement | kept by | proven by |", "|---|---|---|")
        yield from (_row(each, strategy) for each in chapter.statements)


def _row(statement: Statement, strategy: Strategy) -> str:
    cells = (fill(statement.text, strategy), *_status(statement.status))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _status(status: Kept | NotKeptYet) -> tuple[str, str]:
    if isinstance(status, NotKeptYet):
        return NOT_KEPT_YET, f"{status.by}"
    files = "<br>".join(f"[`{path}`](../{path})" for path in status.by)
    tests = "<br>".join(f"[`{test}`](../{test.partition('::')[0]})" for test in status.proven)
    return files, tests
