"""Day 2: choosing what to restore from, measuring what the data is, and proving that a restored copy is the same.

The Lambda handlers in `recovery.handlers` are thin doors to the code here, so that what runs at night in AWS is what is
tested by day; they need only boto3 and PyMySQL. `recovery.cli` is the command line, which they never import. Nothing here
imports aws_cdk or the rehearsal.
"""
