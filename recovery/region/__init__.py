"""The recovery of a whole region: its plan, and what its workflow's functions do."""
