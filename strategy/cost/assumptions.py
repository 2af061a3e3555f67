"""What a bill depends on and no strategy can say ahead. Each stands on the page beside the sums that use it."""

from __future__ import annotations

from dataclasses import dataclass, fields

HOURS = 730
"""Of a month, as AWS's price pages count."""
DAYS = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Assumptions:
    changed_share: float = 0.01
    """Share of a MySQL store that is rewritten in a day, besides its growth: what an incremental snapshot holds."""
    log_factor: float = 1.0
    """Bytes of transaction log for a byte changed: what automated backups keep besides snapshots."""
    item_bytes: int = 1000
    """Size of a DynamoDB item: with the growth it tells the writes that a replica repeats."""
    evaluations_of_a_point: int = 2
    """Times that an audit control looks at one recovery point: when it is made and when it expires."""
    minute_seconds: float = 0.5
    """How long a function that runs each minute takes, billed; the first start of an environment aside."""
    monitor_seconds: float = 10
    """How long one look of the monitor takes: it waits for AWS's answers."""
    function_gb: float = 0.25
    """Memory of the functions that run all day."""

    def told(self) -> tuple[tuple[str, str], ...]:
        """Each with its value, in a sentence."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return (
            ("changed_share", f"{values['changed_share']:.0%} of a MySQL store is rewritten in a day, besides its growth"),
            ("log_factor", f"a byte changed in MySQL leaves {values['log_factor']:g} byte of transaction log"),
            ("item_bytes", f"an item of DynamoDB has {values['item_bytes']} bytes and is written once"),
            (
                "evaluations_of_a_point",
                f"an audit control looks at a recovery point {values['evaluations_of_a_point']} times, at a store each day",
            ),
            (
                "functions",
                f"a function of each minute takes {values['minute_seconds']:g} s, with {values['function_gb']:g} GB of memory",
            ),
            ("monitor", f"a look of the monitor takes {values['monitor_seconds']:g} s: it waits for AWS's answers"),
            ("free", "what AWS gives each account free (10 metrics and alarms, 3 dashboards, a million calls) is not taken off"),
            ("gigabytes", "a GB has 10^9 bytes, as the strategy counts; AWS bills 2^30, so its figures are up to 7 % lower"),
            ("left_out", "logs, the evidence bucket, other functions and workflows: cents, as they run minutes a day"),
            ("steady", "retention is full: in the first weeks there are fewer recovery points than counted here"),
        )
