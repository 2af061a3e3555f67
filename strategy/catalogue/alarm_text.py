"""What an alarm says of itself: its description in CloudWatch, which comes with each change of its state.

So the words of a message are those that were deployed with the alarm, whoever reads them: our function, a console, a raw event.
Safe to import in a Lambda function.
"""

from __future__ import annotations

from dataclasses import dataclass

from strategy.catalogue.severity import Severity

LIMIT = 1024
"""Characters that CloudWatch keeps of a description."""
_PROMISED, _NEXT = "Promised: ", "Next: "


@dataclass(frozen=True, slots=True)
class Said:
    """`what` is one sentence without its full stop, `promised` a number with its unit, `command` what to run next, whole."""

    severity: Severity
    what: str
    promised: str
    command: str

    def __str__(self) -> str:
        """The description. ValueError where a part would be read back as another, or CloudWatch would refuse it."""
        text = f"{self.severity.begins}{self.what}\n{_PROMISED}{self.promised}\n{_NEXT}{self.command}"
        if read(text) != self or len(text) > LIMIT:
            raise ValueError(f"an alarm cannot say {self!r}: a part is empty or has several lines, or all are over {LIMIT}")
        return text


def read(description: str) -> Said | None:
    """None for what is no description of ours."""
    match description.split("\n"):
        case [first, promised, following] if promised.startswith(_PROMISED) and following.startswith(_NEXT):
            for severity in Severity:
                if first.startswith(severity.begins):
                    parts = first.removeprefix(severity.begins), promised.removeprefix(_PROMISED), following.removeprefix(_NEXT)
                    return Said(severity, *parts) if all(parts) else None
    return None
