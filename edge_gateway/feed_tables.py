"""The tables of what the cloud told (`feed_format.py`) and of the shop's jobs, as SQL text.

Only definitions, as in `tables.py`, which says what may never change. How far the feed has been fetched is the highest
number in `feed_entry`: an entry and the place to go on from are one row.
"""

FEED = """
-- What the cloud told, number by number, as it came. `kind` may be one that only a later version knows.
create table feed_entry (
    number integer primary key,
    kind text not null,
    body text not null,              -- JSON, see feed_format.py
    made_ms integer not null,
    received_ms integer not null
);

create index feed_count on feed_entry (number) where kind = 'count';

-- What became of an order: done, refused and why, or withdrawn. An order without a row waits for a person.
create table feed_answer (
    number integer primary key,
    outcome text not null,
    why text not null,
    movement text not null,
    answered_ms integer not null,
    person text not null,
    expected integer not null,       -- of a count: what the ledger held, and
    counted integer not null         -- what was found; -1: not said
);

-- Jobs (repair orders) opened here or told by the feed. Those of the shop's document stand there.
create table job (
    id text primary key,
    title text not null,
    plate text not null,
    vin text not null,
    km integer not null,             -- -1: nobody read the odometer
    opened_by text not null,
    opened_ms integer not null,
    source text not null,            -- kiosk or cloud: who opened it
    closed_ms integer not null       -- 0: open
) without rowid;
create index job_opened on job (opened_ms) where closed_ms = 0;
"""

PLANS = """
-- Policies by part and bin: what the cloud told without an end, and the newest override.
-- -1 and -1: the planogram's own.
create table policy (
    cabinet text not null,
    bin integer not null,
    part text not null,
    reorder_point integer not null,
    order_up_to integer not null,
    number integer not null,         -- of the feed; 0: nothing was told
    override_point integer not null,
    override_up_to integer not null,
    override_number integer not null,
    until_ms integer not null,
    overridden integer not null,     -- 1: the bin was last reviewed by the override
    primary key (cabinet, bin, part)
) without rowid;
create index policy_override on policy (until_ms) where override_number > 0;

create view level_in_force as
    select cabinet, bin, part, overridden, until_ms,
        case overridden when 1 then override_point else reorder_point end as reorder_point,
        case overridden when 1 then override_up_to else order_up_to end as order_up_to
    from policy where case overridden when 1 then override_up_to else order_up_to end >= 0;

-- Visits of a restocker as the cloud told them last. `lines`: JSON, [[cabinet, bin, part, quantity]...].
create table visit (
    id text primary key,
    number integer not null,         -- of the feed
    day text not null,
    by text not null,
    until_ms integer not null,
    is_off integer not null,
    lines text not null
) without rowid;

-- What sessions did to the bins of visits, once each.
create table restocked (
    id text primary key,
    visit text not null,
    cabinet text not null,
    bin integer not null,
    part text not null,
    session text not null,
    person text not null,
    expected integer not null,
    counted integer not null,
    movement text not null,
    restocked_ms integer not null
) without rowid;
create index restocked_session on restocked (session);
"""
