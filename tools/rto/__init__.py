"""The page of recovery times."""
