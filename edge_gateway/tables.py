"""The tables of the gateway's database as SQL text, and which of them never change.

Only definitions. `schema.py` makes them, brings an older database up to date, or refuses a foreign one.
`counting_tables.py` has those of counting, `feed_tables.py` those of what the cloud told.
Times are milliseconds since 1970-01-01 UTC, masses milligrams, quantities whole pieces or grams.
A text column that may have nothing to say holds '', never null, unless its comment says so.

Append-only (the database refuses UPDATE, DELETE and REPLACE): `identity`, `inbox`, `weighing`, `plateau`, `tag_read`,
`tag_found`, `verdict`, `rezero`, `movement`, `posting`, `discrepancy`, `resolution`, `request`, `request_end`,
`session_person`, `quarantine`, `quarantine_read`, `document`, `feed_entry`, `feed_answer`, `restocked`.
Derived from them and rebuilt by `partsbay gateway verify-ledger` for comparison: `balance`, `cursor`.
"""

APPEND_ONLY = (
    "identity",
    "inbox",
    "weighing",
    "movement",
    "posting",
    "discrepancy",
    "resolution",
    "request",
    "request_end",
    "session_person",
    "quarantine",
    "quarantine_read",
    "document",
    "plateau",
    "tag_read",
    "tag_found",
    "verdict",
    "rezero",
    "feed_entry",
    "feed_answer",
    "restocked",
)

TABLES = """
-- Who this gateway is. A database made or restored anew gets a new epoch; the newest row counts.
create table identity (
    number integer primary key,
    gateway text not null,
    epoch text not null,
    created_ms integer not null
);

-- How far the journal of a controller has been taken in. The newest `begun_ms` of a cabinet is its present journal.
create table cursor (
    cabinet text not null,
    epoch text not null,
    through integer not null,        -- every seq up to and including this one is in the inbox, or was passed over
    in_cloud integer not null,       -- and up to this one the cloud holds it too
    digest blob not null,            -- of the last line: see inbox.digest
    begun_ms integer not null,
    primary key (cabinet, epoch)
) without rowid;

-- Every event line as it came. `kind` is the event's, or 'quarantined' (its body was not understood)
-- or 'unreadable' (its envelope never came whole) or 'forgotten' (it and all back to the row before were no longer
-- held by the cabinet when this database, restored or made anew, wanted them); then `reason` says why.
create table inbox (
    cabinet text not null,
    epoch text not null,
    seq integer not null,
    received_ms integer not null,
    occurred_ms integer not null,
    kind text not null,
    reason text not null,
    line blob not null,
    digest blob not null,            -- SHA-256 of the digest before it and the line: a chain per journal
    primary key (cabinet, epoch, seq)
) without rowid;

-- Evidence: what bins weighed, never stock. `before_mg` and `mg` are null where the sensor was blind,
-- `before_mg` also where only one weighing was made.
create table weighing (
    cabinet text not null,
    epoch text not null,
    seq integer not null,            -- the event it came in
    bin integer not null,
    before_mg integer,
    before_noise_mg integer not null,
    mg integer,
    noise_mg integer not null,
    quality integer not null,        -- 0 settled, 1 unsettled, 2 blind
    occurred_ms integer not null,
    primary key (cabinet, epoch, seq, bin)
) without rowid;

-- The newest settled weight of each bin, for the eye.
create table bin_weight (
    cabinet text not null,
    bin integer not null,
    mg integer not null,
    noise_mg integer not null,
    weighed_ms integer not null,
    primary key (cabinet, bin)
) without rowid;

-- The ledger. `cause` is one of ledger.KINDS; `epoch` and `seq` name the event whose evidence it rests on
-- ('' and 0 for what a person said at the kiosk).
create table movement (
    id text primary key,
    cause text not null,
    cabinet text not null,
    bin integer not null,            -- 0: no bin
    session text not null,
    person text not null,
    job text not null,
    occurred_ms integer not null,
    booked_ms integer not null,
    confidence_ppm integer not null,
    corrects text not null,
    note text not null,
    epoch text not null,
    seq integer not null
) without rowid;
create index movement_session on movement (session) where session != '';

create table posting (
    movement text not null,
    line integer not null,
    account text not null,
    part text not null,
    quantity integer not null check (quantity != 0),
    primary key (movement, line)
) without rowid;

create table balance (
    account text not null,
    part text not null,
    quantity integer not null check (quantity >= 0 or account not like 'bin:%'),
    primary key (account, part)
) without rowid;

-- A session from unlock to door shut. `closed_ms` is null while it is open.
create table session (
    id text primary key,             -- <cabinet>/<epoch>/<seq of session_opened>
    cabinet text not null,
    door integer not null,
    opened_by text not null,         -- badge, command, forced
    person text not null,
    badge text not null,
    how text not null,               -- '' while open, then shut, not_opened, recovered; unended: its end never came
    missing text not null,           -- what a recovered session lacks
    opened_ms integer not null,
    closed_ms integer,
    booked_ms integer not null
) without rowid;
create index session_opened on session (opened_ms);

-- Everybody of a session, the one who opened it first.
create table session_person (
    session text not null,
    person text not null,
    badge text not null,
    joined_ms integer not null,
    primary key (session, person, badge)
) without rowid;

-- What the evidence and the ledger cannot agree on; open until a `resolution` names it.
-- `detail` is a JSON object; its keys are listed in bin_changes.py.
create table discrepancy (
    id text primary key,
    cabinet text not null,
    bin integer not null,            -- 0: the session as a whole
    part text not null,
    session text not null,
    reason text not null,
    opened_ms integer not null,
    detail text not null
) without rowid;
create index discrepancy_session on discrepancy (session) where session != '';

create table resolution (
    discrepancy text primary key,
    person text not null,            -- '' when a later weighing settled it
    note text not null,
    movement text not null,          -- what was booked for it, or ''
    resolved_ms integer not null
) without rowid;

create view open_discrepancy as
    select d.* from discrepancy d
    where not exists (select 1 from resolution r where r.discrepancy = d.id);

-- Replenishment requests, raised here by min and max.
create table request (
    id text primary key,
    cabinet text not null,
    bin integer not null,
    part text not null,
    quantity integer not null,
    stock integer not null,
    raised_ms integer not null
) without rowid;

create table request_end (
    request text primary key,
    how text not null,               -- filled, withdrawn
    ended_ms integer not null
) without rowid;

create view open_request as
    select q.* from request q
    where not exists (select 1 from request_end e where e.request = q.id);

-- What goes up, numbered without gaps within the gateway's epoch. An event's own item comes after the items it
-- gave rise to and carries its seq, so that "up to here" in the outbox says "up to here" in the journal.
create table outbox (
    seq integer primary key,
    content blob not null,
    cabinet text not null,
    epoch text not null,
    event_seq integer not null       -- 0: not an event
);

create table upload (
    one integer primary key check (one = 1),
    through integer not null,        -- the cloud holds everything up to and including this outbox seq
    pruned integer not null          -- and this gateway has forgotten up to here
);

-- Bytes that could not be understood or did not belong, with the reason. Bounded per cabinet and hour: see refusal.
create table quarantine (
    id integer primary key,
    topic text not null,
    bytes blob not null,             -- the first part, when `size` is larger
    size integer not null,
    reason text not null,
    received_ms integer not null,
    cabinet text not null,
    epoch text not null,
    seq integer not null             -- 0: not known
);

-- How much was quarantined, how much more came than was kept, and how many broken envelopes were asked for again.
create table refusal (
    cabinet text not null,           -- '' for all that belong to no cabinet of ours
    hour integer not null,           -- received_ms // 3600000
    kept integer not null,
    kept_bytes integer not null,
    dropped integer not null,
    broken integer not null,
    primary key (cabinet, hour)
) without rowid;

create table document (
    version integer primary key,
    bytes blob not null,
    received_ms integer not null
);

-- The last a controller said of itself. `health` is the JSON of the wire, or '' before the first.
create table controller_status (
    cabinet text primary key,
    online integer not null,
    heard_ms integer not null,
    epoch text not null,
    boot integer not null,
    journal_last integer not null,
    health text not null
) without rowid;

-- When a boot of a controller began, as near as its messages tell: dates events of clockless controllers.
create table boot_clock (
    cabinet text not null,
    epoch text not null,
    boot integer not null,
    began_ms integer not null,
    primary key (cabinet, epoch, boot)
) without rowid;
"""

# Events that were set aside and could be read later. Their inbox rows stay as they are.
QUARANTINE_READ = """
create table quarantine_read (
    cabinet text not null,
    epoch text not null,
    seq integer not null,
    quarantine integer not null,     -- the id of its row there; 0 when that hour's bounds had kept it out
    occurred_ms integer not null,
    read_ms integer not null,
    primary key (cabinet, epoch, seq)
) without rowid;

create view waiting_quarantine as
    select q.* from quarantine q
    where not exists (
        select 1 from quarantine_read r
        where r.cabinet = q.cabinet and r.epoch = q.epoch and r.seq = q.seq and r.quarantine = q.id
    );
"""
