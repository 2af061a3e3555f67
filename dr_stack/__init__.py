"""What brings back: the standby landing zone of each region, and the workflows that restore into it."""
