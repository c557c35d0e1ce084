"""The tables of what is taught and written at the bench, as SQL text; only definitions, as in `tables.py` above."""

BENCH = """
-- What somebody weighed at the bench and said one piece of a part weighs. `batches`: JSON, [[pieces, mg, step_mg]...].
create table taught_mass (
    id text primary key,             -- mass/<part>/<chance>
    part text not null,
    unit_mass_mg integer not null,
    error_mg integer not null,       -- of the mean, with 95 %
    spread_mg integer not null,      -- from piece to piece; 0: a single batch says nothing of it
    spread_max_mg integer not null,  -- its bound with 95 %; 0: none
    batches text not null,
    scale text not null,
    person text not null,
    before_unit_mass_mg integer not null,  -- the catalogue's figures then
    before_spread_mg integer not null,
    taught_ms integer not null
) without rowid;
create index taught_mass_part on taught_mass (part, taught_ms);

-- Which teaching a belief began with; '': the catalogue's figures.
alter table part_mass add column taught text not null default '';

-- Serials given to tags, before the tag is written: none is given twice. `was`: the number the tag had.
create table tag_serial (
    gtin text not null,              -- 14 digits
    serial integer not null,
    epc text not null unique,
    part text not null,
    was text not null,
    person text not null,
    given_ms integer not null,
    primary key (gtin, serial)
) without rowid;

-- Tags that carry their new number: it was read back.
create table tag_written (
    epc text primary key references tag_serial (epc),
    written_ms integer not null
) without rowid;
"""
BENCH_APPEND_ONLY = ("taught_mass", "tag_serial", "tag_written")
