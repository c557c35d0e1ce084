"""What a webhook gets: an alert with its figures, and the same in words, as JSON. Pure."""

from typing import Any

from cloud.replenishment.alerts.sentences import about, alert_path, next_step, next_words, place, sentence
from cloud.replenishment.alerts.views import AlertView
from page_kit.language import Say


def alert_body(alert: AlertView, say: Say, zone: str, *, dealer: str, base: str) -> dict[str, Any]:
    """One alert. `base`: how people reach the cloud; "" leaves links relative."""
    step = next_step(alert)
    return {
        "event": "alert.began",
        "dealer": dealer,
        "alert": alert.model_dump(exclude={"seen_by", "seen_ms", "note", "ended_ms", "ended_why"}),
        "words": {
            "kind": say(f"kind_{alert.kind}"),
            "about": about(say, alert),
            "place": place(say, alert),
            "sentence": sentence(say, alert, zone),
            "next": next_words(say, alert),
        },
        "links": {"alert": base + alert_path(alert), "next": base + step.path if step.path else ""},
    }


def test_body(dealer: str, now_ms: int) -> dict[str, Any]:
    """What a way is tried with."""
    return {"event": "test", "dealer": dealer, "sent_ms": now_ms}
