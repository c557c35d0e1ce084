"""The tables of counting as SQL text: what it rests on, what it said, and what it remembers.

Only definitions, as in `tables.py`, which says what may never change. What counting remembers is no evidence: it stands
here as it was left, so that a start goes on as if there had been none, and is made anew from the evidence after a loss.
"""

# What counting rests on, and what it said. `cabinet`, `epoch`, `seq` name the event something came in.
COUNTING = """
-- Weights that stood still while a session lasted, between the last before it and the first after: evidence.
create table plateau (
    cabinet text not null,
    epoch text not null,
    seq integer not null,
    bin integer not null,
    number integer not null,         -- in order of time, from 1
    at_ms integer not null,          -- since the session opened
    mg integer not null,
    noise_mg integer not null,
    primary key (cabinet, epoch, seq, bin, number)
) without rowid;

-- Inventories of the tag reader: evidence. The tags themselves are not all listed, only what is missing or came.
create table tag_read (
    cabinet text not null,
    epoch text not null,
    seq integer not null,
    session text not null,           -- '' for an inventory outside any session
    pass integer not null,           -- 0 outside a session, 1 when its doors had shut, 2 minutes later
    rounds integer not null,
    seen integer not null,           -- how many different tags were heard
    more integer not null,           -- 1: the next event goes on with the same inventory
    occurred_ms integer not null,
    primary key (cabinet, epoch, seq)
) without rowid;
create index tag_read_session on tag_read (session) where session != '';

create table tag_found (
    cabinet text not null,
    epoch text not null,
    seq integer not null,
    epc text not null,               -- 24 upper-case hexadecimal digits
    what text not null,              -- missing: was known to be there and is not heard; came: the other way round
    primary key (cabinet, epoch, seq, epc)
) without rowid;

-- What counting said of one bin in one session. What came later may say otherwise: the highest `number` counts.
-- JSON texts: `best` [[[part, pieces]...], foreign_mg], negative is taken; `candidates` [[[[part, pieces]...],
-- foreign_mg, ppm]...], the likeliest first; `levels` [[at_ms, mg, noise_mg]...] from the weight before to the one
-- after; `steps` [[level, [[part, pieces]...], foreign_mg, mg, noise_mg]...], the likeliest way to `best`;
-- `tags` [[part, present, missing, came]...]; `ground`: all that it rests on, see session_evidence.py.
create table verdict (
    id text primary key,             -- <event>/<bin>/verdict
    cabinet text not null,
    session text not null,
    bin integer not null,
    number integer not null,         -- of this session and bin, from 1
    event text not null,             -- what led to it, <cabinet>/<epoch>/<seq>: the session's end, or later evidence
    decided_ms integer not null,
    confidence_ppm integer not null, -- that `best` is what happened to this bin
    best text not null,
    candidates text not null,
    levels text not null,
    steps text not null,
    tags text not null,
    ground text not null,
    algorithm integer not null       -- the version of the counting that said it
) without rowid;
create index verdict_session on verdict (session, bin, number);

create view newest_verdict as
    select v.* from verdict v
    where not exists (
        select 1 from verdict n where n.session = v.session and n.bin = v.bin and n.number > v.number
    );

-- A drifted cell's weight taken over as what the bin weighs, with doors shut and within a bound.
create table rezero (
    id text primary key,             -- <event>/<bin>/rezero
    cabinet text not null,
    bin integer not null,
    event text not null,             -- the one whose weight was taken over
    from_mg integer not null,        -- what was expected
    to_mg integer not null,          -- what it weighs
    sum_mg integer not null,         -- of all since a person counted the bin, this one included
    rezeroed_ms integer not null
) without rowid;
create index rezero_bin on rezero (cabinet, bin, rezeroed_ms);

-- What the next weight of a bin is compared with, and what moved it last: not evidence, and made anew after a loss.
create table bin_state (
    cabinet text not null,
    bin integer not null,
    reference_mg integer,            -- null: nothing is known since somebody counted the bin
    sum_mg integer not null,         -- of re-zeroings since then
    moved text not null,             -- JSON, or '': see decision.Moved
    primary key (cabinet, bin)
) without rowid;

-- What is known of a part's mass: the catalogue's figures it began with, and the belief that sure counts left.
create table part_mass (
    part text primary key,
    unit_mass_mg integer not null,
    spread_mg integer not null,
    kappa real not null,
    mean_mg real not null,
    alpha real not null,
    beta real not null
) without rowid;
"""

# What counting remembers beside masses and bins, as JSON. A database that was brought up to date has no rows yet.
MEMORY = """
-- What a bin's cell reads too much since a start of its controller, in millionths of the load: see gain.py.
create table bin_gain (
    cabinet text not null,
    bin integer not null,
    gain_ppm integer not null,
    sigma_ppm integer not null,
    boot integer not null,           -- the start it is of; 0: not known, the database was rebuilt
    since_ms integer not null,       -- when that was heard
    primary key (cabinet, bin)
) without rowid;

-- A cabinet's tags: who is inside, each one's record, and the session being read: see tag_book.py.
create table tag_state (
    cabinet text primary key,
    book text not null
) without rowid;

-- What a person took and has not brought back: [taken_ms, movement, [part, pieces, mg, noise_mg]] of every lump.
create table hand (
    person text primary key,
    lumps text not null
) without rowid;

-- Bins of a session (or of an event outside of any) of which is said for good what happened: not decided again.
create table answered (
    session text not null,
    bin integer not null,
    primary key (session, bin)
) without rowid;
"""
