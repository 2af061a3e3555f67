"""The restore workflows: Step Functions state machines in JSONata, one file for each thing they can do."""
