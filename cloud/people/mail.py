"""Mail that leaves the cloud: over SMTP when the settings name a server. Never keeps a mail, never queues one.

Without a server nobody is written to: a link is then shown to whoever made it.
"""

import logging
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

from cloud.settings import MailSettings

log = logging.getLogger(__name__)

TIMEOUT_S = 15
PAUSES_S = (0, 2, 10)  # before each attempt


class MailError(OSError):
    """A mail did not go out; the text says why."""


@dataclass(frozen=True)
class OutboundMail:
    """Sends one mail at a time by a server."""

    settings: MailSettings
    pause: Callable[[float], None] = time.sleep

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand one mail to the server (`MailError`)."""
        try:
            self._deliver(self._message(to, subject, text))
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise MailError(f"expected {self.settings.server} to take a mail, found {error}") from error

    def send_patiently(self, to: str, subject: str, text: str) -> bool:
        """As `send`, a few times with pauses, for when nobody waits; whether it went out. The log has the reason."""
        for pause_s in PAUSES_S:
            if pause_s:
                self.pause(pause_s)
            try:
                self.send(to, subject, text)
            except MailError as error:
                log.warning("a mail did not go out: %s", error)
            else:
                return True
        log.error("a mail did not go out after %d attempts", len(PAUSES_S))
        return False

    def _message(self, to: str, subject: str, text: str) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.settings.sender, to, subject
        message.set_content(text)
        return message

    def _deliver(self, message: EmailMessage) -> None:
        settings = self.settings
        with self._connect() as server:
            if settings.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.user:
                server.login(settings.user, settings.password)
            server.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        settings = self.settings
        if settings.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(settings.server, settings.port, timeout=TIMEOUT_S, context=context)
        return smtplib.SMTP(settings.server, settings.port, timeout=TIMEOUT_S)
