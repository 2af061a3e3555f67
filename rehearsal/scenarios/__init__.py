"""What is broken, how it is brought back, and how that is judged. One module per scenario."""

from rehearsal.scenarios.base import FAULTS, Context, ScenarioFailed
from rehearsal.scenarios.region_loss import region_loss

SCENARIOS = {"region-loss": region_loss}

__all__ = ["FAULTS", "SCENARIOS", "Context", "ScenarioFailed"]
