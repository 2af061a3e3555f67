"""`python -m tools.cost` writes docs/cost.md: what the production strategy costs, as of the day of its newest price."""
