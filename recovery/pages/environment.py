"""The environment of all pages: HTML escapes what it is given, Markdown and TOML do not; a name without a value is refused.

A page's template lies beside the module that fills it, and finds `base.html.j2` and `parts.html.j2` here.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from recovery.pages import formats

_SHARED = Path(__file__).with_name("templates")
_TEXTS = ("md.j2", "toml.j2")
_FILTERS = (formats.moment, formats.number, formats.percent, formats.signed, formats.span, formats.usd)


def render(template: Path, **facts: Any) -> str:
    """What `template` makes of `facts`."""
    return _environment(template.parent).get_template(template.name).render(facts)


@cache
def _environment(folder: Path) -> Environment:
    made = Environment(
        loader=FileSystemLoader([folder, _SHARED]),
        autoescape=select_autoescape(enabled_extensions=(), disabled_extensions=_TEXTS, default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {each.__name__: each for each in _FILTERS}
    return made
