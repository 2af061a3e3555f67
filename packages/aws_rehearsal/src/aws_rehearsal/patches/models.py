"""botocore, which clients and moto alike read AWS's service models with."""

from __future__ import annotations

from typing import Any

from botocore.loaders import JSONFileLoader

from aws_rehearsal.patches import patch

_documents: dict[str, Any] = {}


@patch(
    JSONFileLoader,
    "load_file",
    source="4b6735d5cf3c559f",
    why="each session of boto3, and moto, would read and keep models of its own: 100 MB, and a second or two",
)
def load_file(original: Any, loader: Any, file_path: str) -> Any:
    """None where there is no such file; nobody changes a model."""
    if file_path not in _documents:
        _documents[file_path] = original(loader, file_path)
    return _documents[file_path]
