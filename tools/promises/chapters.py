"""All chapters, in the order of the page."""

from __future__ import annotations

from tools.promises import guarding, protecting, restoring, watching

CHAPTERS = (*protecting.CHAPTERS, *guarding.CHAPTERS, *restoring.CHAPTERS, *watching.CHAPTERS)
