"""Tells alerts, each once on each way: what is due is claimed by pushing its next attempt away, sent, and noted.

Any number of processes may tell at once: a row is claimed by one of them. One that is killed between sending and
noting leaves the row claimed; it is sent again, under the same id, when its next attempt is due: at least once. What
has ended or been taken on meanwhile is not told at all, and what falls into quiet hours waits for their end.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import CursorResult, and_, text
from sqlmodel import Session, col, delete, select, update

from cloud.catalogue.bot_hooks import RobotError, Seal
from cloud.database import Database
from cloud.people.mail import MailError, OutboundMail
from cloud.replenishment.alerts.letters import alerts_letter, speaker, test_letter
from cloud.replenishment.alerts.matters import DAY_MS, HOUR_MS, MINUTE_MS
from cloud.replenishment.alerts.naming import named
from cloud.replenishment.alerts.outbound import Outbound, OutboundError
from cloud.replenishment.alerts.payload import alert_body, test_body
from cloud.replenishment.alerts.quiet import told_from_ms
from cloud.replenishment.alerts.recipients import recipients
from cloud.replenishment.alerts.views import AlertView
from cloud.tables import Alert, AlertTold, AlertWay, Dealer, Shop, ShopDealer

GIVE_UP_MS: Final = DAY_MS
IN_A_MAIL_MAX: Final = 100
ERROR_CHARACTERS_MAX: Final = 300
_NO_ZONE = "UTC"
_WAITING = text(
    "INSERT INTO alert_told (alert, way, dealer_id, since_ms, due_ms, told_ms, given_up_ms, attempts, error) "
    "VALUES (:alert, :way, :dealer, :due_ms, :due_ms, 0, 0, 0, '') ON CONFLICT DO NOTHING"
)


class NotToldError(OSError):
    """A way could not be used; the text says why."""


def pause_ms(attempts: int) -> int:
    """How long to wait behind so many attempts: a minute, then twice as long each time, an hour at the most."""
    return min(HOUR_MS, MINUTE_MS << min(max(0, attempts - 1), 10))


@dataclass(frozen=True)
class _Claimed:
    """An alert that is this process's to tell just now."""

    told: AlertTold
    alert: AlertView


@dataclass(frozen=True)
class Telling:
    """Plans what is to be told, and tells what is due. `base`: how people reach the cloud; `mail` None: by no mail."""

    database: Database
    seal: Seal
    outbound: Outbound
    mail: OutboundMail | None
    base: str
    now_ms: Callable[[], int]

    # ---- what is to be told ----

    def plan(self) -> int:
        """Note what every way is to be told and is not noted yet; how much that was. Again it adds nothing."""
        now_ms = self.now_ms()
        with self.database.writing() as session:
            rows = session.execute(_unplanned()).all()
            whose = recipients(session, [way for _, way in rows])
            wanted = [(alert, way) for alert, way in rows if whose[way.id].wants(way, alert)]
            zones = _zones(session, {(alert.dealer_id, alert.shop_id) for alert, _ in wanted})
            for alert, way in wanted:
                due_ms = _due_ms(way, zones[alert.dealer_id, alert.shop_id], now_ms)
                session.execute(
                    _WAITING, {"alert": alert.id, "way": way.id, "dealer": alert.dealer_id, "due_ms": due_ms}
                )
        return len(wanted)

    def due_ways(self) -> list[str]:
        """The ways on which something is due."""
        with self.database.reading() as session:
            return sorted(set(session.scalars(_due(self.now_ms()).with_only_columns(col(AlertTold.way)))))

    # ---- one way ----

    def tell(self, way: str) -> int:
        """Tell what is due on a way: mails together, calls one by one; how many alerts were told."""
        told = 0
        while claimed := self._claim(way):
            row, found = claimed
            try:
                self._send(row, found)
            except (NotToldError, MailError, OutboundError) as error:
                self._note(found, str(error))
                return told  # whatever else is due there is tried the next time
            self._note(found, "")
            told += len(found)
        return told

    def try_out(self, way: AlertWay, dealer: str) -> None:
        """Send a test by a way (`NotToldError`)."""
        try:
            if way.kind == "mail":
                self._mail(way, test_letter(_say(way), dealer))
            else:
                self._post(way, f"test-{way.id}-{self.now_ms()}", test_body(dealer, self.now_ms()))
        except (MailError, OutboundError) as error:
            raise NotToldError(str(error)) from error

    def _claim(self, name: str) -> tuple[AlertWay, list[_Claimed]] | None:
        """Take what is due on a way, so that nobody else does: all of it for a mail, one for a call."""
        now_ms = self.now_ms()
        with self.database.writing() as session:
            way = session.get(AlertWay, name)
            if way is None or way.ended_ms:
                return None
            rows = session.execute(_due(now_ms, name)).all()
            wanted = self._wanted(session, way, [(told, alert) for told, alert in rows], now_ms)
            some = wanted[: IN_A_MAIL_MAX if way.kind == "mail" else 1]
            mine = [(told, alert) for told, alert in some if _take(session, told, now_ms)]
            if not mine:
                return None
            prices = recipients(session, [way])[way.id].prices
            views = named(session, way.dealer_id, [alert for _, alert in mine], prices=prices)
            return way, [_Claimed(told, view) for (told, _), view in zip(mine, views, strict=True)]

    def _wanted(
        self, session: Session, way: AlertWay, rows: Sequence[tuple[AlertTold, Alert]], now_ms: int
    ) -> list[tuple[AlertTold, Alert]]:
        """Without what is told there no longer, and what has come into quiet hours since it was put off."""
        whose = recipients(session, [way])[way.id]
        zones = _zones(session, {(way.dealer_id, alert.shop_id) for _, alert in rows})
        wanted = []
        for told, alert in rows:
            due_ms = _due_ms(way, zones[way.dealer_id, alert.shop_id], now_ms)
            if not whose.wants(way, alert):
                session.execute(delete(AlertTold).where(_is(told)))
            elif due_ms > now_ms:
                session.execute(update(AlertTold).where(_is(told)).values(due_ms=due_ms))
            else:
                wanted.append((told, alert))
        return wanted

    def _send(self, way: AlertWay, found: Sequence[_Claimed]) -> None:
        with self.database.reading() as session:
            known = _zones(session, {(way.dealer_id, each.alert.shop) for each in found})
            dealer = session.get_one(Dealer, way.dealer_id).name
        alerts, zones = [each.alert for each in found], {shop: zone for (_, shop), zone in known.items()}
        if way.kind == "mail":
            letter = alerts_letter(_say(way), alerts, zones, self.base, dealer=dealer, made_by=way.made_by)
            self._mail(way, letter)
            return
        for alert in alerts:
            body = alert_body(alert, _say(way), zones[alert.shop], dealer=dealer, base=self.base)
            self._post(way, f"{alert.id}.{way.id}", body)

    def _mail(self, way: AlertWay, letter: Any) -> None:
        if self.mail is None:
            raise NotToldError("expected a mail server in the cloud's settings, found none")
        self.mail.send(way.address, letter.subject, letter.text)

    def _post(self, way: AlertWay, name: str, body: Mapping[str, Any]) -> None:
        try:
            secret = self.seal.opened(way.sealed)["secret"]
        except RobotError:
            raise NotToldError(
                "expected a way made under this cloud's secret, found that the secret has changed: make it anew"
            ) from None
        self.outbound.post(way.address, secret, name, json.dumps(body, ensure_ascii=False).encode(), self.now_ms())

    def _note(self, found: Sequence[_Claimed], error: str) -> None:
        """What became of it: told, to be tried again, or given up after a day."""
        now_ms = self.now_ms()
        with self.database.writing() as session:
            for each in found:
                if not error:
                    values: dict[str, Any] = {"told_ms": now_ms, "error": ""}
                else:
                    is_over = now_ms - each.told.since_ms >= GIVE_UP_MS
                    values = {"error": error[:ERROR_CHARACTERS_MAX], "given_up_ms": now_ms if is_over else 0}
                session.execute(update(AlertTold).where(_is(each.told)).values(**values))


def _unplanned() -> Any:
    """What holds, is nobody's yet, and of which a way that stood when it began has no row."""
    return (
        select(Alert, AlertWay)
        .join(AlertWay, col(AlertWay.dealer_id) == col(Alert.dealer_id))
        .join(
            AlertTold,
            and_(col(AlertTold.alert) == col(Alert.id), col(AlertTold.way) == col(AlertWay.id)),
            isouter=True,
        )
        .where(
            col(Alert.ended_ms) == 0,
            col(Alert.seen_by) == "",
            col(AlertWay.ended_ms) == 0,
            col(Alert.began_ms) >= col(AlertWay.made_ms),
            col(AlertTold.alert).is_(None),
        )
        .order_by(col(Alert.began_ms), col(Alert.id), col(AlertWay.id))
    )


def _due(now_ms: int, way: str = "") -> Any:
    """What is to be told now, the first begun first; nothing that has ended or been taken on."""
    rows = (
        select(AlertTold, Alert)
        .join(Alert, col(Alert.id) == col(AlertTold.alert))
        .where(
            col(AlertTold.told_ms) == 0,
            col(AlertTold.given_up_ms) == 0,
            col(AlertTold.due_ms) <= now_ms,
            col(Alert.ended_ms) == 0,
            col(Alert.seen_by) == "",
        )
        .order_by(col(Alert.began_ms), col(Alert.id))
    )
    return rows.where(col(AlertTold.way) == way) if way else rows


def _due_ms(way: AlertWay, zone: str, now_ms: int) -> int:
    return told_from_ms(now_ms, zone, way.quiet_from_min, way.quiet_to_min)


def _take(session: Session, told: AlertTold, now_ms: int) -> bool:
    """Claim a row: whoever pushes its next attempt away first has it."""
    taken = session.execute(
        update(AlertTold)
        .where(_is(told), col(AlertTold.due_ms) == told.due_ms, col(AlertTold.told_ms) == 0)
        .values(due_ms=now_ms + pause_ms(told.attempts + 1), attempts=told.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", taken).rowcount == 1


def _is(told: AlertTold) -> Any:
    return and_(col(AlertTold.alert) == told.alert, col(AlertTold.way) == told.way)


def _zones(session: Session, places: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The time zone of each (dealer, shop); of several shops ("") that of the dealer's first one."""
    found = {
        (dealer, shop.id): shop.time_zone
        for dealer in {dealer for dealer, _ in places}
        for shop in session.exec(
            select(Shop)
            .join(ShopDealer, col(ShopDealer.shop_id) == col(Shop.id))
            .where(col(ShopDealer.dealer_id) == dealer)
            .order_by(col(Shop.id).desc())
        )
    }
    found |= {(dealer, ""): zone for (dealer, _), zone in found.items()}
    return {place: found.get(place, _NO_ZONE) for place in places}


def _say(way: AlertWay) -> Any:
    return speaker("en" if way.language == "en" else "zh")
