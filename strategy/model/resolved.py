"""A strategy's values in one file that stands alone, each with where it is from."""

from __future__ import annotations

from strategy.model.document import Document, Location
from strategy.model.strategy import Strategy
from strategy.model.toml_text import text


def as_toml(document: Document) -> str:
    """TOML that loads to an equal strategy."""
    files = document.files(())
    head = f"# {document.file}, whole."
    if len(files) > 1:
        head = f"# {' over '.join(files)}, whole. What is not from {files[-1]} says where it is from."

    def remark(location: Location) -> str:
        if location[:1] == ("regions",) and location[-1] in document.overrides:
            return "given by the caller"
        found = document.files(location)
        return " and ".join(found) if found != files[-1:] else ""

    values = {key: document.values[key] for key in Strategy.model_fields if key in document.values}
    return f"{head}\n{text(values, remark)}"
