"""The command line of day 2: `python -m recovery`. The Lambda functions never import it; it may import more than they have."""
