"""Orders of events around a visit that nobody plans for: nothing is brought twice, no need is lost."""

from typing import Any

import msgspec
import pytest
from sqlmodel import col, select

from cloud.tables import VisitLine
from edge_gateway.upload_format import RequestEndItem, RequestItem
from tests.cloud.conftest import Cloud
from tests.cloud.replenishment.rounds_world import PART, Rounds
from tests.cloud.worlds import HOUR_MS, NOW_MS, opening, request, restocked, take

DAY_MS = 24 * HOUR_MS
BOLT = "M12x40"


@pytest.fixture
def rounds(cloud: Cloud) -> Rounds:
    """Shop-1 has four filters left and asks for more, and for bolts; the store has a hundred filters."""
    made = Rounds(cloud)
    made.tells(opening("m1", 20), take("m2", 16), request("r1"), bolts())
    made.send("put", "/api/dealer-stock", {"part": PART, "on_hand": 100})
    return made


def bolts() -> RequestItem:
    """Asked for in bin 2."""
    return msgspec.structs.replace(request("r2", 9_500, BOLT), bin=2)


def lines(rounds: Rounds, visit: str) -> dict[int, dict[str, Any]]:
    """A visit's lines by bin."""
    return {line["bin"]: line for line in rounds.visit(visit)["lines"]}


def test_a_bin_that_was_filled_before_the_van_was_said_to_be_loaded(rounds: Rounds) -> None:
    """The rest of the list can still be said; what nobody said of the filled bin stays unsaid."""
    visit = rounds.accepted()["id"]
    rounds.tells(restocked(f"{visit}/cab-1/1", visit=visit, counted=18, expected=18))
    rounds.look()
    number = lines(rounds, visit)[2]["line"]
    rounds.send("put", f"/api/visits/{visit}/lines/{lines(rounds, visit)[1]['line']}", {"quantity": 0}, 409)
    said = {"lines": [{"line": number, "loaded": 0}], "finished": True}
    assert rounds.send("post", f"/api/visits/{visit}/load", said)["state"] == "loaded"
    assert (lines(rounds, visit)[1]["loaded"], lines(rounds, visit)[1]["counted"], rounds.store()) == (None, 18, 82)


def test_a_bin_that_asks_again_while_the_rest_of_its_visit_is_still_to_come(rounds: Rounds) -> None:
    """Six came, they were used, the bin asks anew: what was counted before is no answer to that."""
    visit = rounds.accepted()["id"]
    rounds.tells(
        restocked(f"{visit}/cab-1/1", visit=visit, counted=6, expected=18), RequestEndItem("r1", "filled", NOW_MS)
    )
    rounds.tells(request("r3"))
    rounds.look()
    [more] = rounds.propose()
    assert [line["request"] for line in more["lines"]] == ["r3"]
    [made] = rounds.send("post", "/api/rounds/accept", {"visits": [more["id"]]})
    rounds.cloud.clock.ms += 1
    rounds.look()
    [asked] = [line for line in rounds.visit(made["id"])["lines"] if line["request"] == "r3"]
    assert (asked["counted"], asked["state"], rounds.held()) == (None, "waiting", ["r2", "r3"])
    assert rounds.propose() == []


def test_what_is_under_way_is_not_settled(rounds: Rounds) -> None:
    """Or it would be asked for again while it comes. Days after, it is, and does not come any more."""
    visit = rounds.accepted()["id"]
    number = lines(rounds, visit)[1]["line"]
    rounds.send("post", f"/api/visits/{visit}/lines/{number}/settle", {"note": "?"}, 409)
    assert rounds.held() == ["r1", "r2"]
    rounds.cloud.clock.ms += 6 * DAY_MS
    rounds.send("post", f"/api/visits/{visit}/lines/{number}/settle", {"note": "没有送"})
    assert (rounds.held(), rounds.feed()[-1]) == (
        ["r2"],
        ("restock", [["cab-1", 2, BOLT, lines(rounds, visit)[2]["quantity"]]]),
    )
    [again] = rounds.propose()
    assert [line["request"] for line in again["lines"]] == ["r1"]


def test_what_came_is_not_what_was_dropped(rounds: Rounds) -> None:
    """Of two lines of one bin the dealer drops the first: what then comes is the second's."""
    visit = rounds.accepted()["id"]
    number = lines(rounds, visit)[1]["line"]
    with rounds.cloud.services.database.writing() as session:
        first = session.exec(
            select(VisitLine).where(col(VisitLine.visit) == visit, col(VisitLine.line) == number)
        ).one()
        session.add(VisitLine(**(first.model_dump() | {"line": 9, "request": "", "purpose": "worth", "quantity": 6})))
    rounds.send("put", f"/api/visits/{visit}/lines/{number}", {"quantity": 0})
    rounds.tells(restocked(f"{visit}/cab-1/1", visit=visit, counted=6, expected=6))
    rounds.look()
    found = {line["line"]: line for line in rounds.visit(visit)["lines"]}
    assert (found[number]["counted"], found[number]["left_out"], found[9]["counted"]) == (None, "dropped", 6)
