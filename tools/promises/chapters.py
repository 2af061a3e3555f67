"""All chapters, in the order of the page."""

from __future__ import annotations

from tools.promises import protecting, restoring, watching

CHAPTERS = (*protecting.CHAPTERS, *restoring.CHAPTERS, *watching.CHAPTERS)
