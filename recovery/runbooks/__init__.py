"""Runbooks: what a person does at 3 a.m., written from the strategy with the environment's own names.

`render` makes Markdown of a route. Every block of commands in it is run by a test (`tests/rehearsal/test_runbooks.py`).
"""

from recovery.runbooks.page import REGION, ROUTES, render

__all__ = ["REGION", "ROUTES", "render"]
