"""How monitoring speaks: one message for each incident, and one when it clears. `reading` events, `incident`, `wording`."""
