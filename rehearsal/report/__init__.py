"""Result → one self-contained HTML page: verdict first, then what was lost, the picture of the night, and what was real."""

from rehearsal.report.page import render

__all__ = ["render"]
