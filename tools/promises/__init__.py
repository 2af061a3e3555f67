"""Every statement of the bank's backup and restore strategy: the code that keeps it and the test that proves it.

`python -m tools.promises` writes `docs/promises.md`. The statements are data; their numbers come from `environments/prod.toml`.
"""
