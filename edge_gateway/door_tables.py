"""The tables of what controllers are and of people's PINs, as SQL text; only definitions, as in `tables.py`.

Nothing here goes to the cloud: a PIN's digest never leaves the shop.
"""

DOORS = """
-- What a controller last said it is (`device`), as it came. A cabinet without a row never said so: it is an older one.
create table controller_device (
    cabinet text primary key,
    told text not null,
    heard_ms integer not null
) without rowid;

-- What a person has to know besides having a badge; only a slow, salted digest of it.
create table person_pin (
    person text primary key,
    digest text not null,
    chosen_ms integer not null
) without rowid;

-- The key that signs a cabinet's access list, by its fingerprint; and what the cabinet last said of a list. `refused`:
-- why it refused the last one, "" when it took it.
create table access_key (
    cabinet text primary key,
    fingerprint text not null,
    since_ms integer not null,
    refused text not null,
    told_ms integer not null         -- 0: nothing yet
) without rowid;

-- Every try of a PIN. `outcome`: right, wrong, or chosen.
create table pin_try (
    number integer primary key,
    person text not null,
    cabinet text not null,
    outcome text not null,
    at_ms integer not null
);
create index pin_try_person on pin_try (person, number);
"""
DOORS_APPEND_ONLY = ("pin_try",)
