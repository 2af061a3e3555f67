"""When the rules of a strategy run. The caller gives every date: nothing here reads a clock."""

from __future__ import annotations

from strategy.cron import Cron, CronError, parse, runs

__all__ = ["Cron", "CronError", "parse", "runs"]
