"""Step Functions, the language: a definition is read when it first runs, quickly, and then not again."""

from __future__ import annotations

import functools
from typing import Any

from antlr4 import CommonTokenStream, InputStream, PredictionMode
from moto.stepfunctions.parser.api import InvalidDefinition
from moto.stepfunctions.parser.asl.antlr.runtime.ASLLexer import ASLLexer
from moto.stepfunctions.parser.asl.antlr.runtime.ASLParser import ASLParser
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser, ASLParserException, SyntaxErrorListener
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from aws_rehearsal.patches import patch
from aws_rehearsal.workflows import definition as definitions

DEFINITIONS = 32
"""Trees that are kept, of two megabytes each: as many as a deployment has definitions."""


@patch(
    StepFunctionsParserBackend,
    "_validate_definition",
    source="a5921e3d3b46dcd3",
    why="moto reads the whole grammar, a third of a second, for machines that may never run, and finds no missing target",
)
def validate_definition(_original: Any, definition: str) -> None:
    try:
        definitions.check(definition)
    except definitions.InvalidDefinition as fault:
        raise InvalidDefinition(message=f"Invalid State Machine Definition: '{fault}'") from fault


@patch(
    AmazonStateLanguageParser,
    "parse",
    source="a59a7d18760fb22e",
    why="moto reads a definition anew for each execution of it: a third of a second",
)
def parse(_original: Any, definition: str) -> tuple[Any, Any]:
    """A program for each caller, from a tree that all share: programs keep state, and trees do not."""
    tree = _tree(definition)
    return Preprocessor().visit(tree), tree


@functools.lru_cache(maxsize=DEFINITIONS)
def _tree(definition: str) -> Any:
    """Read without context, which takes half the time; where that finds a fault, with all of it, as moto reads."""
    tokens = CommonTokenStream(ASLLexer(InputStream(definition)))
    tree, faults = _read(tokens, PredictionMode.SLL)
    if faults:
        tokens.seek(0)
        tree, faults = _read(tokens, PredictionMode.LL)
    if faults:
        raise ASLParserException(errors=faults)
    return tree


def _read(tokens: CommonTokenStream, mode: PredictionMode) -> tuple[Any, list[str]]:
    listener = SyntaxErrorListener()
    parser = ASLParser(tokens)
    parser._interp.predictionMode = mode  # noqa: SLF001  the parser's only way to be told
    parser.removeErrorListeners()
    parser.addErrorListener(listener)
    return parser.state_machine(), listener.errors
