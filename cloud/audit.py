"""The audit trail: one line for every change that a person or a program makes in the cloud, in the same transaction."""

from sqlmodel import Session

from cloud.identity import SignedIn
from cloud.tables import AuditEntry

CHARACTERS_MAX = 4000


def record(
    session: Session, person: SignedIn, now_ms: int, *, action: str, target: str, before: str = "", after: str = ""
) -> None:
    """Say in the open transaction who changed `target`, from what to what. Never hand in a secret."""
    session.add(
        AuditEntry(
            dealer_id=person.dealer or None,
            at_ms=now_ms,
            user_id=person.user_id,
            user_name=person.name,
            action=action,
            target=target[:CHARACTERS_MAX],
            before=before[:CHARACTERS_MAX],
            after=after[:CHARACTERS_MAX],
        )
    )
