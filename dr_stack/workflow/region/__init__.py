"""recover-region: what a lost region held and did, in this one (`strategy.region` has its steps in order)."""
