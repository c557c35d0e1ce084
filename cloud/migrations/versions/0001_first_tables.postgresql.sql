CREATE TABLE balance (
    shop_id VARCHAR NOT NULL,
    account VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    quantity BIGINT NOT NULL,
    last_occurred_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, account, part)
);

CREATE TABLE cabinet_session (
    shop_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    opened_by VARCHAR NOT NULL,
    how VARCHAR NOT NULL,
    missing VARCHAR NOT NULL,
    opened_ms BIGINT NOT NULL,
    closed_ms BIGINT NOT NULL,
    booked_ms BIGINT NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, id)
);

CREATE INDEX session_by_time ON cabinet_session (shop_id, closed_ms);

CREATE TABLE dealer (
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE discrepancy (
    shop_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    bin INTEGER NOT NULL,
    part VARCHAR NOT NULL,
    session VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    opened_ms BIGINT NOT NULL,
    detail VARCHAR NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, id)
);

CREATE TABLE event (
    shop_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    epoch VARCHAR NOT NULL,
    seq BIGINT NOT NULL,
    dealer_id VARCHAR NOT NULL,
    received_ms BIGINT NOT NULL,
    occurred_ms BIGINT NOT NULL,
    line VARCHAR NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, cabinet, epoch, seq)
);

CREATE TABLE ingest_quarantine (
    gateway_id VARCHAR NOT NULL,
    epoch VARCHAR NOT NULL,
    seq BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    dealer_id VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    received_ms BIGINT NOT NULL,
    reason VARCHAR NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (gateway_id, epoch, seq, digest)
);

CREATE INDEX quarantine_by_shop ON ingest_quarantine (shop_id, received_ms);

CREATE TABLE movement (
    shop_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    cause VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    session VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    job VARCHAR NOT NULL,
    occurred_ms BIGINT NOT NULL,
    booked_ms BIGINT NOT NULL,
    confidence_ppm BIGINT NOT NULL,
    corrects VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, id)
);

CREATE INDEX movement_by_session ON movement (shop_id, session);

CREATE INDEX movement_by_time ON movement (shop_id, occurred_ms);

CREATE TABLE posting (
    shop_id VARCHAR NOT NULL,
    movement_id VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    dealer_id VARCHAR NOT NULL,
    account VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    quantity BIGINT NOT NULL,
    PRIMARY KEY (shop_id, movement_id, line)
);

CREATE TABLE request (
    shop_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    bin INTEGER NOT NULL,
    part VARCHAR NOT NULL,
    quantity BIGINT NOT NULL,
    stock BIGINT NOT NULL,
    raised_ms BIGINT NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, id)
);

CREATE TABLE request_end (
    shop_id VARCHAR NOT NULL,
    request VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    how VARCHAR NOT NULL,
    ended_ms BIGINT NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, request)
);

CREATE TABLE resolution (
    shop_id VARCHAR NOT NULL,
    discrepancy VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    movement VARCHAR NOT NULL,
    resolved_ms BIGINT NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, discrepancy)
);

CREATE TABLE schema_version (
    id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE upload_item (
    gateway_id VARCHAR NOT NULL,
    epoch VARCHAR NOT NULL,
    seq BIGINT NOT NULL,
    dealer_id VARCHAR NOT NULL,
    digest BYTEA NOT NULL,
    PRIMARY KEY (gateway_id, epoch, seq)
);

CREATE TABLE dealer_user (
    id SERIAL NOT NULL,
    dealer_id VARCHAR NOT NULL,
    email VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    password_hash VARCHAR NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    UNIQUE (email)
);

CREATE INDEX ix_dealer_user_dealer_id ON dealer_user (dealer_id);

CREATE TABLE shop (
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    document_version BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX ix_shop_dealer_id ON shop (dealer_id);

CREATE TABLE cabinet (
    shop_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    name_zh VARCHAR NOT NULL,
    name_en VARCHAR NOT NULL,
    PRIMARY KEY (shop_id, id),
    FOREIGN KEY(shop_id) REFERENCES shop (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX ix_cabinet_dealer_id ON cabinet (dealer_id);

CREATE TABLE cabinet_status (
    shop_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    reported_ms BIGINT NOT NULL,
    last_heard_ms BIGINT NOT NULL,
    online BOOLEAN NOT NULL,
    journal_backlog BIGINT NOT NULL,
    bins_blind BIGINT NOT NULL,
    firmware VARCHAR NOT NULL,
    PRIMARY KEY (shop_id, cabinet),
    FOREIGN KEY(shop_id) REFERENCES shop (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX ix_cabinet_status_dealer_id ON cabinet_status (dealer_id);

CREATE TABLE document (
    shop_id VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    dealer_id VARCHAR NOT NULL,
    stored_ms BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (shop_id, version),
    FOREIGN KEY(shop_id) REFERENCES shop (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX ix_document_dealer_id ON document (dealer_id);

CREATE TABLE gateway (
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    key_sha256 BYTEA NOT NULL,
    last_contact_ms BIGINT NOT NULL,
    outbox_backlog BIGINT NOT NULL,
    quarantined BIGINT NOT NULL,
    document_version BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(shop_id) REFERENCES shop (id),
    UNIQUE (key_sha256)
);

CREATE INDEX ix_gateway_dealer_id ON gateway (dealer_id);

CREATE INDEX ix_gateway_shop_id ON gateway (shop_id);

CREATE TABLE sign_in (
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    user_id INTEGER NOT NULL,
    started_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    ended_ms BIGINT,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(user_id) REFERENCES dealer_user (id)
);

CREATE INDEX ix_sign_in_dealer_id ON sign_in (dealer_id);

CREATE INDEX ix_sign_in_user_id ON sign_in (user_id);

CREATE TABLE gateway_epoch (
    gateway_id VARCHAR NOT NULL,
    epoch VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    through BIGINT NOT NULL,
    started_ms BIGINT NOT NULL,
    moved_ms BIGINT NOT NULL,
    PRIMARY KEY (gateway_id, epoch),
    FOREIGN KEY(gateway_id) REFERENCES gateway (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX ix_gateway_epoch_dealer_id ON gateway_epoch (dealer_id);
