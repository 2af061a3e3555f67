"""May this be promised? Guards, the effective schedule, objectives against their worst case, the timeline of a recovery."""
