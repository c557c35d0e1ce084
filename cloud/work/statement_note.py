"""What stands small beside a line of a statement, on its page and in its PDF."""

from cloud.work.statement_views import StatementLine
from page_kit.language import Say


def note_of(say: Say, line: StatementLine) -> str:
    """What a line that is no plain use is: which month it corrects, or which claim it credits."""
    if line.kind == "correction":
        return say("correction", month=line.of_month)
    if line.kind == "claim":
        return say("credit", kind=say(f"claim_{line.claim_kind}"), claim=line.claim)
    return ""
