"""How a link reaches its owner: by mail when there is a server for it, else by whoever made it.

A mail that does not go out is no reason to lose the link: then, too, it is shown to the one who made it.
"""

import logging

from cloud.people.letters import Letter, invitation_letter, reset_letter
from cloud.people.links import PATHS, Kind, Made
from cloud.people.mail import MailError
from cloud.people.passwords import ask
from cloud.people.views import LinkMade
from cloud.services import Services

log = logging.getLogger(__name__)


def link_of(services: Services, base: str, kind: Kind, code: str) -> str:
    """A link as people get it; `base` is the address that the caller used, for a cloud that was told none."""
    return (services.settings.public_url or base).rstrip("/") + PATHS[kind] + code


def deliver_invitation(
    services: Services, base: str, made: Made, dealer: str, inviter: str, *, by_mail: bool
) -> LinkMade:
    """Send an invitation, or show it."""
    link = link_of(services, base, "join", made.code)
    return _deliver(services, made, link, invitation_letter(dealer, inviter, link), by_mail=by_mail)


def deliver_reset(services: Services, base: str, made: Made, *, by_mail: bool) -> LinkMade:
    """Send the way to a new password, or show it."""
    link = link_of(services, base, "reset", made.code)
    return _deliver(services, made, link, reset_letter(link), by_mail=by_mail)


def _deliver(services: Services, made: Made, link: str, letter: Letter, *, by_mail: bool) -> LinkMade:
    mailed = False
    if services.mail is not None and by_mail:
        try:
            services.mail.send(made.email, letter.subject, letter.text)
            mailed = True
        except MailError as error:
            log.warning("a link is shown because its mail did not go out: %s", error)
    return LinkMade(id=made.id, link="" if mailed else link, mailed=mailed, expires_ms=made.expires_ms)


def mail_forgotten(services: Services, email: str) -> None:
    """Write to somebody who forgot the password, if there is such an account. Nobody waits for it, and nobody is told.

    Without a mail server nothing is made: an admin of the dealer makes the link.
    """
    if services.mail is None:
        return
    with services.database.writing() as session:
        made = ask(session, email, services.now_ms())
    if made is not None:
        letter = reset_letter(link_of(services, "", "reset", made.code))
        services.mail.send_patiently(email, letter.subject, letter.text)
