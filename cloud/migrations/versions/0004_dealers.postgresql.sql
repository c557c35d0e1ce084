CREATE TABLE as_sent (
    shop_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (shop_id, kind, id)
);

CREATE TABLE audit_entry (
    id SERIAL NOT NULL,
    dealer_id VARCHAR,
    at_ms BIGINT NOT NULL,
    user_id INTEGER,
    user_name VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    before VARCHAR NOT NULL,
    after VARCHAR NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX audit_by_time ON audit_entry (dealer_id, at_ms);

CREATE TABLE balance (
    shop_id VARCHAR NOT NULL,
    account VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    quantity BIGINT NOT NULL,
    last_occurred_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, account, part, dealer_id)
);

CREATE INDEX balance_by_part ON balance (dealer_id, part) WHERE substr(account, 1, 4) = 'bin:';

CREATE TABLE billed_line (
    shop_id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    ref VARCHAR NOT NULL,
    month VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    quantity BIGINT NOT NULL,
    price_minor BIGINT NOT NULL,
    currency VARCHAR NOT NULL,
    tax_ppm BIGINT NOT NULL,
    price_shop VARCHAR NOT NULL,
    price_day VARCHAR NOT NULL,
    PRIMARY KEY (shop_id, dealer_id, ref)
);

CREATE INDEX billed_by_price ON billed_line (dealer_id, part, price_day);

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
    PRIMARY KEY (shop_id, id, dealer_id)
);

CREATE INDEX session_by_time ON cabinet_session (shop_id, closed_ms);

CREATE TABLE claim (
    shop_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    movement VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    part VARCHAR NOT NULL,
    quantity BIGINT NOT NULL,
    job VARCHAR NOT NULL,
    vehicle VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    made_by VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, id)
);

CREATE INDEX claim_by_movement ON claim (shop_id, movement);

CREATE TABLE claim_step (
    shop_id VARCHAR NOT NULL,
    claim VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    dealer_id VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    credit_minor BIGINT NOT NULL,
    note VARCHAR NOT NULL,
    made_by VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, claim, number)
);

CREATE TABLE cycle_count (
    shop_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    bin INTEGER NOT NULL,
    part VARCHAR NOT NULL,
    feed_number BIGINT NOT NULL,
    made_by VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (shop_id, id)
);

CREATE INDEX count_by_time ON cycle_count (dealer_id, made_ms);

CREATE TABLE dealer (
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    closed_ms BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE dealer_user (
    id SERIAL NOT NULL,
    email VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    password_hash VARCHAR NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (email)
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
)
 PARTITION BY HASH (shop_id);

CREATE TABLE event_00 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 0);

CREATE TABLE event_01 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 1);

CREATE TABLE event_02 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 2);

CREATE TABLE event_03 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 3);

CREATE TABLE event_04 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 4);

CREATE TABLE event_05 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 5);

CREATE TABLE event_06 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 6);

CREATE TABLE event_07 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 7);

CREATE TABLE event_08 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 8);

CREATE TABLE event_09 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 9);

CREATE TABLE event_10 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 10);

CREATE TABLE event_11 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 11);

CREATE TABLE event_12 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 12);

CREATE TABLE event_13 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 13);

CREATE TABLE event_14 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 14);

CREATE TABLE event_15 PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER 15);

CREATE INDEX event_by_time ON event (shop_id, occurred_ms);

CREATE TABLE feed_answer (
    shop_id VARCHAR NOT NULL,
    number BIGINT NOT NULL,
    dealer_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    movement VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    expected BIGINT NOT NULL,
    counted BIGINT NOT NULL,
    answered_ms BIGINT NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, number)
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
    PRIMARY KEY (shop_id, id, dealer_id)
);

CREATE INDEX movement_by_corrected ON movement (shop_id, corrects) WHERE corrects <> '';

CREATE INDEX movement_by_session ON movement (shop_id, session);

CREATE INDEX movement_by_time ON movement (shop_id, occurred_ms);

CREATE TABLE open_matter (
    shop_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    bin INTEGER NOT NULL,
    part VARCHAR NOT NULL,
    since_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, kind, id)
);

CREATE INDEX open_matter_by_time ON open_matter (dealer_id, kind, since_ms);

CREATE TABLE posting (
    shop_id VARCHAR NOT NULL,
    movement_id VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    dealer_id VARCHAR NOT NULL,
    account VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    quantity BIGINT NOT NULL,
    PRIMARY KEY (shop_id, movement_id, line, dealer_id)
);

CREATE INDEX posting_by_job ON posting (shop_id, account) WHERE substr(account, 1, 4) = 'job:';

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

CREATE TABLE rezero (
    shop_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    bin INTEGER NOT NULL,
    event VARCHAR NOT NULL,
    from_mg BIGINT NOT NULL,
    to_mg BIGINT NOT NULL,
    sum_mg BIGINT NOT NULL,
    rezeroed_ms BIGINT NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, id)
);

CREATE TABLE schema_version (
    id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE service_interval (
    shop_id VARCHAR NOT NULL,
    vehicle VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    every_km INTEGER NOT NULL,
    every_months INTEGER NOT NULL,
    last_km INTEGER NOT NULL,
    last_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, vehicle, title)
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

CREATE TABLE sign_in_attempts (
    key VARCHAR NOT NULL,
    times_ms VARCHAR NOT NULL,
    last_ms BIGINT NOT NULL,
    beside VARCHAR NOT NULL,
    PRIMARY KEY (key)
);

CREATE INDEX ix_sign_in_attempts_last_ms ON sign_in_attempts (last_ms);

CREATE TABLE upload_batch (
    gateway_id VARCHAR NOT NULL,
    epoch VARCHAR NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    dealer_id VARCHAR NOT NULL,
    digests BYTEA NOT NULL,
    PRIMARY KEY (gateway_id, epoch, first)
);

CREATE TABLE vehicle_change (
    shop_id VARCHAR NOT NULL,
    vehicle VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    dealer_id VARCHAR NOT NULL,
    at_ms BIGINT NOT NULL,
    field VARCHAR NOT NULL,
    before VARCHAR NOT NULL,
    after VARCHAR NOT NULL,
    plain_before VARCHAR NOT NULL,
    told_by VARCHAR NOT NULL,
    PRIMARY KEY (shop_id, vehicle, number)
);

CREATE TABLE vehicle_reading (
    shop_id VARCHAR NOT NULL,
    vehicle VARCHAR NOT NULL,
    at_ms BIGINT NOT NULL,
    dealer_id VARCHAR NOT NULL,
    km INTEGER NOT NULL,
    told_by VARCHAR NOT NULL,
    PRIMARY KEY (shop_id, vehicle, at_ms)
);

CREATE TABLE verdict (
    shop_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    session VARCHAR NOT NULL,
    bin INTEGER NOT NULL,
    number INTEGER NOT NULL,
    event VARCHAR NOT NULL,
    decided_ms BIGINT NOT NULL,
    confidence_ppm BIGINT NOT NULL,
    best VARCHAR NOT NULL,
    candidates VARCHAR NOT NULL,
    levels VARCHAR NOT NULL,
    steps VARCHAR NOT NULL,
    tags VARCHAR NOT NULL,
    ground VARCHAR NOT NULL,
    algorithm INTEGER NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, id)
);

CREATE INDEX verdict_by_bin ON verdict (shop_id, cabinet, bin, decided_ms);

CREATE INDEX verdict_by_session ON verdict (shop_id, session);

CREATE TABLE bot_hook (
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    shops VARCHAR NOT NULL,
    sealed BYTEA NOT NULL,
    made_by INTEGER,
    made_ms BIGINT NOT NULL,
    last_asked_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(made_by) REFERENCES dealer_user (id)
);

CREATE INDEX ix_bot_hook_dealer_id ON bot_hook (dealer_id);

CREATE TABLE catalogue_revision (
    dealer_id VARCHAR NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (dealer_id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE TABLE cross_reference (
    dealer_id VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    brand VARCHAR NOT NULL,
    number VARCHAR NOT NULL,
    plain VARCHAR COLLATE "C" NOT NULL,
    PRIMARY KEY (dealer_id, part, kind, brand, number),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX cross_reference_by_number ON cross_reference (dealer_id, plain);

CREATE TABLE fitment (
    id SERIAL NOT NULL,
    dealer_id VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    make VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    engine VARCHAR NOT NULL,
    make_key VARCHAR COLLATE "C" NOT NULL,
    model_key VARCHAR COLLATE "C" NOT NULL,
    engine_key VARCHAR COLLATE "C" NOT NULL,
    from_year INTEGER NOT NULL,
    to_year INTEGER NOT NULL,
    base_vehicle INTEGER NOT NULL,
    position VARCHAR NOT NULL,
    quantity INTEGER NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX fitment_by_base_vehicle ON fitment (dealer_id, base_vehicle);

CREATE INDEX fitment_by_engine ON fitment (dealer_id, engine_key);

CREATE INDEX fitment_by_model ON fitment (dealer_id, make_key, model_key);

CREATE INDEX fitment_by_part ON fitment (dealer_id, part);

CREATE TABLE import_run (
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    made_by INTEGER,
    made_ms BIGINT NOT NULL,
    file_name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    lines INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    report VARCHAR NOT NULL,
    body BYTEA NOT NULL,
    ended_ms BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX import_by_time ON import_run (dealer_id, made_ms);

CREATE TABLE invitation (
    id SERIAL NOT NULL,
    kind VARCHAR NOT NULL,
    dealer_id VARCHAR,
    email VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    shops VARCHAR NOT NULL,
    brand VARCHAR NOT NULL,
    code_sha256 BYTEA NOT NULL,
    made_by INTEGER,
    made_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    used_ms BIGINT NOT NULL,
    withdrawn_ms BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    UNIQUE (code_sha256),
    FOREIGN KEY(made_by) REFERENCES dealer_user (id)
);

CREATE INDEX ix_invitation_dealer_id ON invitation (dealer_id);

CREATE INDEX ix_invitation_email ON invitation (email);

CREATE TABLE membership (
    id SERIAL NOT NULL,
    user_id INTEGER NOT NULL,
    dealer_id VARCHAR,
    role VARCHAR NOT NULL,
    shops VARCHAR NOT NULL,
    brand VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(user_id) REFERENCES dealer_user (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX ix_membership_dealer_id ON membership (dealer_id);

CREATE INDEX ix_membership_user_id ON membership (user_id);

CREATE TABLE model_pattern (
    id SERIAL NOT NULL,
    dealer_id VARCHAR NOT NULL,
    wmi VARCHAR NOT NULL,
    pattern VARCHAR NOT NULL,
    make VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    engine VARCHAR NOT NULL,
    from_year INTEGER NOT NULL,
    to_year INTEGER NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX ix_model_pattern_dealer_id ON model_pattern (dealer_id);

CREATE TABLE month_total (
    dealer_id VARCHAR NOT NULL,
    month VARCHAR NOT NULL,
    brand VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    name_zh VARCHAR NOT NULL,
    name_en VARCHAR NOT NULL,
    quantity BIGINT NOT NULL,
    shops INTEGER NOT NULL,
    PRIMARY KEY (dealer_id, month, brand, part, unit),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE TABLE part (
    dealer_id VARCHAR NOT NULL,
    number VARCHAR NOT NULL,
    plain VARCHAR COLLATE "C" NOT NULL,
    name_zh VARCHAR NOT NULL,
    name_en VARCHAR NOT NULL,
    brand VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    unit_mass_mg BIGINT NOT NULL,
    spread_mg BIGINT NOT NULL,
    pack_size INTEGER NOT NULL,
    gtin VARCHAR NOT NULL,
    image VARCHAR NOT NULL,
    superseded_by VARCHAR NOT NULL,
    withdrawn BOOLEAN NOT NULL,
    shelf_life_days INTEGER NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, number),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX part_by_gtin ON part (dealer_id, gtin) WHERE gtin <> '';

CREATE INDEX part_by_plain ON part (dealer_id, plain);

CREATE INDEX part_by_revision ON part (dealer_id, revision);

CREATE INDEX part_by_successor ON part (dealer_id, superseded_by) WHERE superseded_by <> '';

CREATE TABLE part_price (
    dealer_id VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    from_day VARCHAR NOT NULL,
    price_minor BIGINT NOT NULL,
    currency VARCHAR NOT NULL,
    tax_ppm BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, part, shop_id, from_day),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE TABLE search_part (
    dealer_id VARCHAR NOT NULL,
    ordinal INTEGER NOT NULL,
    part VARCHAR NOT NULL,
    terms VARCHAR NOT NULL,
    PRIMARY KEY (dealer_id, ordinal),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE UNIQUE INDEX search_part_by_part ON search_part (dealer_id, part);

CREATE TABLE search_term (
    dealer_id VARCHAR NOT NULL,
    term VARCHAR COLLATE "C" NOT NULL,
    block INTEGER NOT NULL,
    count INTEGER NOT NULL,
    ordinals BYTEA NOT NULL,
    PRIMARY KEY (dealer_id, term, block),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE TABLE shop (
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    document_version BIGINT NOT NULL,
    feed_number BIGINT NOT NULL,
    latitude_e6 INTEGER,
    longitude_e6 INTEGER,
    address VARCHAR NOT NULL,
    names_days INTEGER NOT NULL,
    time_zone VARCHAR NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX ix_shop_dealer_id ON shop (dealer_id);

CREATE TABLE statement (
    shop_id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    month VARCHAR NOT NULL,
    closed_ms BIGINT NOT NULL,
    closed_by VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    PRIMARY KEY (shop_id, dealer_id, month),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE TABLE totals_month (
    dealer_id VARCHAR NOT NULL,
    month VARCHAR NOT NULL,
    published_ms BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, month),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE TABLE transfer (
    dealer_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    quantity BIGINT NOT NULL,
    from_shop VARCHAR NOT NULL,
    from_cabinet VARCHAR NOT NULL,
    from_bin INTEGER NOT NULL,
    to_shop VARCHAR NOT NULL,
    to_cabinet VARCHAR NOT NULL,
    to_bin INTEGER NOT NULL,
    made_by VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    how VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (dealer_id, id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX transfer_by_time ON transfer (dealer_id, made_ms);

CREATE TABLE api_token (
    id SERIAL NOT NULL,
    dealer_id VARCHAR NOT NULL,
    membership_id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    token_sha256 BYTEA NOT NULL,
    rights VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    last_used_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(membership_id) REFERENCES membership (id),
    UNIQUE (token_sha256)
);

CREATE INDEX ix_api_token_dealer_id ON api_token (dealer_id);

CREATE INDEX ix_api_token_membership_id ON api_token (membership_id);

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
    taken_in_ms BIGINT NOT NULL,
    never_came BIGINT NOT NULL,
    never_came_ms BIGINT NOT NULL,
    journal_room_sessions BIGINT NOT NULL,
    journal_full BOOLEAN NOT NULL,
    left_out BIGINT NOT NULL,
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
    outbox_oldest_ms BIGINT NOT NULL,
    quarantine_oldest_ms BIGINT NOT NULL,
    broken BIGINT NOT NULL,
    broken_ms BIGINT NOT NULL,
    cannot_write_since_ms BIGINT NOT NULL,
    disk_free_bytes BIGINT NOT NULL,
    disk_days BIGINT NOT NULL,
    disk_low BOOLEAN NOT NULL,
    document_refused VARCHAR NOT NULL,
    uploads BIGINT NOT NULL,
    withdrawn_ms BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(shop_id) REFERENCES shop (id),
    UNIQUE (key_sha256)
);

CREATE INDEX ix_gateway_dealer_id ON gateway (dealer_id);

CREATE INDEX ix_gateway_shop_id ON gateway (shop_id);

CREATE TABLE job (
    shop_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    vehicle VARCHAR NOT NULL,
    plate VARCHAR NOT NULL,
    vin VARCHAR NOT NULL,
    opened_ms BIGINT NOT NULL,
    opened_by VARCHAR NOT NULL,
    closed_ms BIGINT NOT NULL,
    closed_by VARCHAR NOT NULL,
    changed_ms BIGINT NOT NULL,
    source VARCHAR NOT NULL,
    PRIMARY KEY (shop_id, id),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
);

CREATE INDEX job_by_vehicle ON job (shop_id, vehicle);

CREATE TABLE kiosk_job (
    shop_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    plate VARCHAR NOT NULL,
    vin VARCHAR NOT NULL,
    km BIGINT NOT NULL,
    opened_by VARCHAR NOT NULL,
    opened_ms BIGINT NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, id),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
);

CREATE TABLE kiosk_job_end (
    shop_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    closed_by VARCHAR NOT NULL,
    closed_ms BIGINT NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, id),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
);

CREATE TABLE planned_bin (
    shop_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    bin INTEGER NOT NULL,
    part VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    account VARCHAR NOT NULL,
    capacity BIGINT NOT NULL,
    reorder_point BIGINT NOT NULL,
    order_up_to BIGINT NOT NULL,
    PRIMARY KEY (shop_id, cabinet, bin, part),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
);

CREATE INDEX planned_bin_by_part ON planned_bin (dealer_id, part);

CREATE TABLE shop_dealer (
    shop_id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    is_host BOOLEAN NOT NULL,
    has_left BOOLEAN NOT NULL,
    PRIMARY KEY (shop_id, dealer_id),
    FOREIGN KEY(shop_id) REFERENCES shop (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX ix_shop_dealer_dealer_id ON shop_dealer (dealer_id);

CREATE TABLE shop_feed (
    shop_id VARCHAR NOT NULL,
    number BIGINT NOT NULL,
    dealer_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, number),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
);

CREATE INDEX feed_by_kind ON shop_feed (dealer_id, kind, made_ms);

CREATE TABLE shop_person (
    shop_id VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    left_ms BIGINT NOT NULL,
    forgotten_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, person),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
);

CREATE TABLE shop_view (
    shop_id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (shop_id, dealer_id),
    FOREIGN KEY(shop_id) REFERENCES shop (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE TABLE sign_in (
    id VARCHAR NOT NULL,
    dealer_id VARCHAR,
    user_id INTEGER NOT NULL,
    membership_id INTEGER,
    started_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    ended_ms BIGINT,
    last_seen_ms BIGINT NOT NULL,
    browser VARCHAR NOT NULL,
    address VARCHAR NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(user_id) REFERENCES dealer_user (id),
    FOREIGN KEY(membership_id) REFERENCES membership (id)
);

CREATE INDEX ix_sign_in_dealer_id ON sign_in (dealer_id);

CREATE INDEX ix_sign_in_membership_id ON sign_in (membership_id);

CREATE INDEX ix_sign_in_user_id ON sign_in (user_id);

CREATE TABLE vehicle (
    shop_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    plate VARCHAR NOT NULL,
    plain_plate VARCHAR NOT NULL,
    vin VARCHAR NOT NULL,
    make VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    engine VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    owner VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    merged_into VARCHAR NOT NULL,
    PRIMARY KEY (shop_id, id),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
);

CREATE INDEX vehicle_by_plate ON vehicle (shop_id, plain_plate);

CREATE INDEX vehicle_by_vin ON vehicle (shop_id, vin);

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
