"""How monitoring speaks: one message for each incident, and one when it clears. `aws_events`, `incident`, `message`."""
