"""Every statement of the bank's backup and restore strategy: the code that keeps it and the tests that prove it.

The statements are data (`statements.toml`); their numbers come from `environments/prod.toml`, and a test says itself what it
proves: `@pytest.mark.proves("schedule.daily-rule")`. `python -m tools.promises` writes `docs/promises.md`.
"""
