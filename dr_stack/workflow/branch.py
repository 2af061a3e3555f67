"""The end of a store's branch: its outcome, in one shape for every kind of store, whatever happened.

A branch never fails: a failure in one store must not stop the restore of another. The workflow looks at the outcomes.
"""

from __future__ import annotations

from aws_cdk.aws_stepfunctions import Pass
from constructs import Construct

from components.stores import physical_name
from strategy import Strategy
from strategy.model import Store


class Outcome(Construct):
    """`verified` reads the verifier's answer from the variable `verification`; `problem` reads the variables `problem`
    (what went wrong) and `restored` (whether the store is there all the same).
    """

    def __init__(self, scope: Construct, construct_id: str, *, store: Store, strategy: Strategy) -> None:
        super().__init__(scope, construct_id)
        name = store.name
        common = {
            "store": name,
            "kind": store.kind.value,
            "resource": physical_name(strategy, store),
            "recovery_point": f"{{% $lookup($points, '{name}') %}}",
        }
        self.verified = Pass.jsonata(
            self,
            "Verified",
            state_name=f"Verdict on {name}",
            outputs={
                **common,
                "restored": True,
                "verdict": "{% $verification.verdict %}",
                "summary": "{% $verification.summary %}",
                "verification": "{% $verification %}",
            },
        )
        self.problem = Pass.jsonata(
            self,
            "Problem",
            state_name=f"Problem with {name}",
            outputs={
                **common,
                "restored": "{% $restored %}",
                "verdict": "not_checked",
                "summary": "{% $problem %}",
                "verification": {},
            },
        )
