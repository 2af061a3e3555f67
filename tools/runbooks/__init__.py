"""docs/runbooks/: production's runbooks, as `recovery.runbooks` writes them."""
