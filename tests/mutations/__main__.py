"""`python -m tests.mutations --runs N --seed S --output FILE`: the score, for `make bench ONLY=mutations`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tests.mutations.everything import suite

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="rounds over the bank, and as many generated schemas")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, required=True)
    given = parser.parse_args()
    score = suite(given.runs, given.seed)
    given.output.write_text(json.dumps({"figures": score.figures(), "missed": score.missed, "alarms": score.alarms}, indent=2))
