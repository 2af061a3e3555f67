"""Restoring one store: the plan, and what each step of its workflow does. The Lambda handlers and the command line share it."""
