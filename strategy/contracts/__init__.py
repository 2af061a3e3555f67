"""What each function is asked and what it answers: one frozen value for each, used by whoever sends and by whoever reads.

The stack that calls a function fills in its request: `Request(…).to_json()` where all is known at synth, and
`template_of(Request, …)` where a state machine fills in the rest. The handler reads it with `Request.from_json(event)`. One
module for each capability.
No pydantic and no strategy is needed to read them: the Lambda functions have neither. Requests that a Strategy is needed for are
made in `strategy.contracts.requests`.
"""
