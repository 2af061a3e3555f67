"""The manifest: what the data of one store was at one moment, kept as evidence beside the backups.

Canonical JSON (sorted keys, no spaces, ASCII) with a SHA-256 over everything else in it, so that a truncated or edited
manifest is refused. The hash is not a signature: it catches damage, not forgery; against that stand `signature` and the bucket's
object lock.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from recovery.verify.content import Content

FORMAT = "recovery-manifest"
VERSION = 2


class ManifestError(Exception):
    """A manifest that must not be compared with: the message says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`taken` is the moment of the measurement's snapshot; `engine` is information for a reader, never compared.

    `until` is when the measurement ended, where there was no snapshot: what was written meanwhile may be in it.
    """

    store: str
    taken: datetime
    engine: str
    content: Content
    until: datetime | None = None


def dump(manifest: Manifest) -> bytes:
    """The manifest's canonical bytes: equal manifests are equal bytes."""
    body = {
        "format": FORMAT,
        "version": VERSION,
        "store": manifest.store,
        "taken": manifest.taken.astimezone(UTC).isoformat(),
        "engine": manifest.engine,
        "content": manifest.content.as_json(),
    }
    if manifest.until is not None:
        body["until"] = manifest.until.astimezone(UTC).isoformat()
    return _canonical(body | {"sha256": hashlib.sha256(_canonical(body)).hexdigest()})


def parse(data: bytes, *, store: str, kind: str) -> Manifest:
    """Raises ManifestError for anything but a whole manifest of this store and kind."""
    body = _body(data)
    if body["store"] != store:
        raise ManifestError(f"this manifest is of store {body['store']!r}, not of {store!r}")
    try:
        content = Content.from_json(body["content"])
        until = datetime.fromisoformat(body["until"]) if "until" in body else None
        manifest = Manifest(store, datetime.fromisoformat(body["taken"]), body["engine"], content, until)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ManifestError(f"the manifest of {store} is not of the expected shape: {error!r}") from error
    if content.kind != kind:
        raise ManifestError(f"this manifest describes a {content.kind} store, {store} is {kind}")
    if manifest.taken.tzinfo is None or (until is not None and until.tzinfo is None):
        raise ManifestError(f"the manifest of {store} does not say in which time zone it was taken")
    return manifest


def _body(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except ValueError as error:
        raise ManifestError(f"the manifest is truncated or not JSON ({len(data)} bytes)") from error
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise ManifestError(f"this is not a {FORMAT}")
    if body.get("version") != VERSION:
        raise ManifestError(f"the manifest has version {body.get('version')!r}; this verifier reads version {VERSION}")
    claimed = body.pop("sha256", None)
    actual = hashlib.sha256(_canonical(body)).hexdigest()
    if claimed != actual:
        raise ManifestError(f"the manifest was altered: it claims SHA-256 {claimed}, its content has {actual}")
    if "store" not in body:
        raise ManifestError("the manifest does not say of which store it is")
    return body


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()
