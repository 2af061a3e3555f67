"""recover-region: what a lost region held and did, in this one (`strategy.catalogue.region_steps` has its steps in order)."""
