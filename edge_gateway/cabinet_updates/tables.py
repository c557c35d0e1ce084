"""The tables of cabinets' firmware, as SQL text; only definitions, as in `tables.py` above."""

UPDATES = """
-- What each cabinet's controller runs, and how far its update is; the newest counts. The columns are those of
-- upload_format.CabinetFirmware, and which bundle they are about.
create table cabinet_firmware (
    cabinet text primary key,
    firmware text not null,
    slot text not null,
    trial integer not null,
    wanted text not null,
    state text not null,
    reason text not null,
    at_ms integer not null,
    number integer not null,
    board text not null,
    got_bytes integer not null,
    of_bytes integer not null,
    starts integer not null,
    reset_cause text not null,
    sensor_errors integer not null,
    digest text not null             -- of the bundle `wanted` and `state` are about; '': none
) without rowid;

-- What somebody at this gateway wants a cabinet to run, beside what the cloud tells; the newest word of the two counts.
create table firmware_order (
    number integer primary key,
    cabinet text not null,
    version text not null,           -- '': keep what it runs
    digest text not null,            -- of the bundle in data_dir/bundles
    bytes integer not null,
    downgrade integer not null,
    ordered_ms integer not null
);
"""
UPDATES_APPEND_ONLY = ("firmware_order",)
