"""Could this region take over tonight? The questions are `strategy.contracts.preflight`'s; each check here answers some of them.

A check makes read calls to its own region, and to no other. It is run every day by a function, and by hand before a night.
"""
