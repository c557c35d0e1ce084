CREATE TABLE read_again (
    shop_id VARCHAR NOT NULL,
    event VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    occurred_ms BIGINT NOT NULL,
    booked_ms BIGINT NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, event)
);

CREATE TABLE set_aside (
    shop_id VARCHAR NOT NULL,
    event VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    booked_ms BIGINT NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, event)
);

ALTER TABLE cabinet_status ADD COLUMN taken_in_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cabinet_status ADD COLUMN never_came BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cabinet_status ADD COLUMN never_came_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cabinet_status ADD COLUMN journal_room_sessions BIGINT NOT NULL DEFAULT -1;
ALTER TABLE cabinet_status ADD COLUMN journal_full BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE cabinet_status ADD COLUMN left_out BIGINT NOT NULL DEFAULT 0;
ALTER TABLE gateway ADD COLUMN outbox_oldest_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE gateway ADD COLUMN quarantine_oldest_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE gateway ADD COLUMN broken BIGINT NOT NULL DEFAULT 0;
ALTER TABLE gateway ADD COLUMN broken_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE gateway ADD COLUMN cannot_write_since_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE gateway ADD COLUMN disk_free_bytes BIGINT NOT NULL DEFAULT -1;
ALTER TABLE gateway ADD COLUMN disk_days BIGINT NOT NULL DEFAULT -1;
ALTER TABLE gateway ADD COLUMN disk_low BOOLEAN NOT NULL DEFAULT false;
