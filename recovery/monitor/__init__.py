"""What a region's monitor reads each quarter of an hour, live and of its own region only, and the numbers that come of it.

`snapshot` is what all readings share, `readings` makes each on its own. What was just deployed is in order: nothing
counts that had no time to happen since the vault, the plan or the store was made.
"""
