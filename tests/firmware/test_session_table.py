"""The session's table: every state with every event, against a table written down apart; runs on both runtimes."""

from cabinet import session

STATES = ("shut", "unlocked", "open", "settling")
EVENTS = (
    "badge",
    "command",
    "door_opened",
    "door_forced",
    "door_shut",
    "all_shut",
    "window_over",
    "held_open",
    "not_latched",
    "settled",
    "found_open",
    "found_shut",
)
EXPECTED = {  # what a person at the cabinet would expect; all other pairs cannot happen
    "shut badge": "unlocked",
    "shut command": "unlocked",
    "shut door_opened": "open",
    "shut door_forced": "open",
    "shut not_latched": "shut",
    "shut found_open": "open",
    "shut found_shut": "settling",
    "unlocked badge": "unlocked",
    "unlocked command": "unlocked",
    "unlocked door_opened": "open",
    "unlocked door_forced": "open",
    "unlocked window_over": "shut",
    "unlocked not_latched": "unlocked",
    "open badge": "open",
    "open command": "open",
    "open door_opened": "open",
    "open door_forced": "open",
    "open door_shut": "open",
    "open all_shut": "settling",
    "open window_over": "open",
    "open held_open": "open",
    "open not_latched": "open",
    "settling badge": "settling",
    "settling door_opened": "open",
    "settling door_forced": "open",
    "settling not_latched": "settling",
    "settling settled": "shut",
}


def test_every_state_with_every_event():
    for state in STATES:
        for event in EVENTS:
            expected = EXPECTED.get(state + " " + event)
            try:
                found = session.step(state, event)[0]
            except session.SessionError as error:
                assert expected is None, str(error)
                assert event in str(error)
            else:
                assert found == expected, (state, event, found)


def rows():
    """(state, event, next state, actions) of every line of the table."""
    lines = [line.split(" ") for line in session.TABLE.strip().split("\n")]
    return [(words[0], words[1], words[2], words[3:]) for words in lines]


def test_the_table_knows_no_other_words_and_none_twice():
    pairs = [row[:2] for row in rows()]
    assert sorted(pairs) == sorted(set(pairs))
    named = [getattr(session, name) for name in dir(session) if name == name.upper() and name != "TABLE"]
    for state, event, next_state, actions in rows():
        assert state in STATES
        assert event in EVENTS
        assert next_state in STATES
        for action in actions:
            assert action in named


def test_nothing_is_unlocked_before_it_is_in_the_journal():
    for row in rows():
        actions = row[3]
        if session.UNLOCK in actions:
            at = actions.index(session.UNLOCK)
            assert actions[at - 1] in (session.OPEN_SESSION, session.JOIN), row


def test_a_session_is_opened_when_and_only_when_shut_is_left_by_somebody():
    for state, event, _, actions in rows():
        somebody = event in ("badge", "command", "door_opened", "door_forced")
        assert (session.OPEN_SESSION in actions) == (state == "shut" and somebody)


def test_shut_is_never_entered_without_closing_the_session():
    for state, _, next_state, actions in rows():
        if state != "shut":
            closes = session.CLOSE in actions or session.CLOSE_UNUSED in actions
            assert closes == (next_state == "shut")


def test_a_forced_door_is_reported_before_anything_else():
    for state in STATES:
        assert session.step(state, "door_forced")[1][0] == session.REPORT_FORCED


def test_every_state_leads_home():
    for state in STATES:
        reached = [state]
        for known in reached:
            for row in rows():
                if row[0] == known and row[2] not in reached:
                    reached.append(row[2])
        assert "shut" in reached
