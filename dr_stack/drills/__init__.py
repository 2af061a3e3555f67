"""Drills: every documented route exercised beside its store, by schedule or by command, verified and torn down again."""
