CREATE TABLE cloud_authority (
    id INTEGER NOT NULL,
    certificate VARCHAR NOT NULL,
    sealed BLOB NOT NULL,
    made_ms BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE cloud_turn (
    name VARCHAR NOT NULL,
    holder VARCHAR NOT NULL,
    until_ms BIGINT NOT NULL,
    ran_ms BIGINT NOT NULL,
    away VARCHAR NOT NULL,
    PRIMARY KEY (name)
)
 WITHOUT ROWID;

CREATE TABLE device_event (
    id INTEGER NOT NULL,
    dealer_id VARCHAR,
    shop_id VARCHAR NOT NULL,
    at_ms BIGINT NOT NULL,
    what VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    address VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX device_event_by_time ON device_event (dealer_id, at_ms);

CREATE TABLE firmware_bundle (
    digest VARCHAR NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (digest)
);

CREATE TABLE alert (
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    matter VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    bin INTEGER NOT NULL,
    part VARCHAR NOT NULL,
    urgency INTEGER NOT NULL,
    detail VARCHAR NOT NULL,
    since_ms BIGINT NOT NULL,
    began_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    ended_why VARCHAR NOT NULL,
    seen_by VARCHAR NOT NULL,
    seen_ms BIGINT NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX alert_by_end ON alert (dealer_id, ended_ms);

CREATE INDEX alert_by_time ON alert (dealer_id, began_ms);

CREATE UNIQUE INDEX alert_open ON alert (dealer_id, kind, shop_id, matter, ended_ms);

CREATE TABLE alert_watch (
    dealer_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    matter VARCHAR NOT NULL,
    since_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, kind, shop_id, matter),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
)
 WITHOUT ROWID;

CREATE TABLE alert_way (
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    address VARCHAR NOT NULL,
    kinds VARCHAR NOT NULL,
    shops VARCHAR NOT NULL,
    quiet_from_min INTEGER NOT NULL,
    quiet_to_min INTEGER NOT NULL,
    language VARCHAR NOT NULL,
    sealed BLOB NOT NULL,
    made_by VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX ix_alert_way_dealer_id ON alert_way (dealer_id);

CREATE TABLE dealer_stock (
    dealer_id VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    on_hand BIGINT NOT NULL,
    on_order BIGINT NOT NULL,
    supplier VARCHAR NOT NULL,
    lead_days INTEGER NOT NULL,
    order_pack INTEGER NOT NULL,
    location VARCHAR NOT NULL,
    changed_ms BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, part),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
)
 WITHOUT ROWID;

CREATE TABLE fill_correction (
    dealer_id VARCHAR NOT NULL,
    demand_class VARCHAR NOT NULL,
    aim_ppm INTEGER NOT NULL,
    reached_ppm INTEGER NOT NULL,
    corrected_ppm INTEGER NOT NULL,
    demand BIGINT NOT NULL,
    through_ms BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, demand_class),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
)
 WITHOUT ROWID;

CREATE TABLE firmware_release (
    id VARCHAR NOT NULL,
    dealer_id VARCHAR,
    version VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    bytes BIGINT NOT NULL,
    boards VARCHAR NOT NULL,
    "key" VARCHAR NOT NULL,
    is_older BOOLEAN NOT NULL,
    notes_zh VARCHAR NOT NULL,
    notes_en VARCHAR NOT NULL,
    made_by VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    withdrawn_by VARCHAR NOT NULL,
    withdrawn_ms BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX firmware_release_by_version ON firmware_release (version);

CREATE INDEX ix_firmware_release_dealer_id ON firmware_release (dealer_id);

CREATE TABLE part_curve (
    dealer_id VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    bins INTEGER NOT NULL,
    points VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, part),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
)
 WITHOUT ROWID;

CREATE TABLE part_year (
    dealer_id VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    until_day VARCHAR NOT NULL,
    weeks VARCHAR NOT NULL,
    shops INTEGER NOT NULL,
    price_minor BIGINT NOT NULL,
    currency VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, part),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
)
 WITHOUT ROWID;

CREATE TABLE planning_run (
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    started_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    bins INTEGER NOT NULL,
    told INTEGER NOT NULL,
    error VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX planning_run_by_time ON planning_run (dealer_id, started_ms);

CREATE TABLE policy_aim (
    dealer_id VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    mode VARCHAR NOT NULL,
    fill_ppm INTEGER NOT NULL,
    shortage_ratio_milli INTEGER NOT NULL,
    lead_days INTEGER NOT NULL,
    review_days INTEGER NOT NULL,
    holding_ppm INTEGER NOT NULL,
    line_minor INTEGER NOT NULL,
    by_forecast INTEGER NOT NULL,
    changed_ms BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, shop_id, category),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
)
 WITHOUT ROWID;

CREATE TABLE round_plan (
    dealer_id VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    made_by VARCHAR NOT NULL,
    first_day VARCHAR NOT NULL,
    days INTEGER NOT NULL,
    left_out VARCHAR NOT NULL,
    PRIMARY KEY (dealer_id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
)
 WITHOUT ROWID;

CREATE TABLE van (
    dealer_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    restocker VARCHAR NOT NULL,
    latitude_e6 INTEGER NOT NULL,
    longitude_e6 INTEGER NOT NULL,
    max_kg INTEGER NOT NULL,
    starts_min INTEGER NOT NULL,
    ends_min INTEGER NOT NULL,
    weekdays VARCHAR NOT NULL,
    km_per_hour INTEGER NOT NULL,
    withdrawn BOOLEAN NOT NULL,
    PRIMARY KEY (dealer_id, id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
)
 WITHOUT ROWID;

CREATE TABLE alert_told (
    alert VARCHAR NOT NULL,
    way VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    since_ms BIGINT NOT NULL,
    due_ms BIGINT NOT NULL,
    told_ms BIGINT NOT NULL,
    given_up_ms BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    error VARCHAR NOT NULL,
    PRIMARY KEY (alert, way),
    FOREIGN KEY(alert) REFERENCES alert (id),
    FOREIGN KEY(way) REFERENCES alert_way (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
)
 WITHOUT ROWID;

CREATE INDEX alert_told_due ON alert_told (told_ms, given_up_ms, due_ms);

CREATE INDEX ix_alert_told_dealer_id ON alert_told (dealer_id);

CREATE TABLE bin_policy (
    shop_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    bin INTEGER NOT NULL,
    part VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    computed_ms BIGINT NOT NULL,
    reorder_point BIGINT NOT NULL,
    order_up_to BIGINT NOT NULL,
    aim_ppm INTEGER NOT NULL,
    fill_ppm INTEGER NOT NULL,
    on_hand FLOAT NOT NULL,
    mean_day FLOAT NOT NULL,
    spread_day FLOAT NOT NULL,
    forecast VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    demand_class VARCHAR NOT NULL,
    limited_by VARCHAR NOT NULL,
    lead_days INTEGER NOT NULL,
    review_days INTEGER NOT NULL,
    told_reorder_point BIGINT NOT NULL,
    told_order_up_to BIGINT NOT NULL,
    told_number BIGINT NOT NULL,
    PRIMARY KEY (shop_id, cabinet, bin, part),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
)
 WITHOUT ROWID;

CREATE INDEX bin_policy_by_part ON bin_policy (dealer_id, part);

CREATE TABLE cabinet_certificate (
    serial VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    der VARCHAR NOT NULL,
    issued_ms BIGINT NOT NULL,
    not_after_ms BIGINT NOT NULL,
    revoked_ms BIGINT NOT NULL,
    why VARCHAR NOT NULL,
    PRIMARY KEY (serial, shop_id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
);

CREATE INDEX ix_cabinet_certificate_dealer_id ON cabinet_certificate (dealer_id);

CREATE TABLE cabinet_doors (
    shop_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    locks VARCHAR NOT NULL,
    list_key VARCHAR NOT NULL,
    list_key_ms BIGINT NOT NULL,
    list_refused VARCHAR NOT NULL,
    reported_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, cabinet),
    FOREIGN KEY(shop_id) REFERENCES shop (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
)
 WITHOUT ROWID;

CREATE INDEX ix_cabinet_doors_dealer_id ON cabinet_doors (dealer_id);

CREATE TABLE cabinet_firmware (
    shop_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    since_ms BIGINT NOT NULL,
    slot VARCHAR NOT NULL,
    trial BOOLEAN NOT NULL,
    wanted VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    at_ms BIGINT NOT NULL,
    number BIGINT NOT NULL,
    board VARCHAR NOT NULL,
    got_bytes BIGINT NOT NULL,
    of_bytes BIGINT NOT NULL,
    starts BIGINT NOT NULL,
    reset_cause VARCHAR NOT NULL,
    sensor_errors BIGINT NOT NULL,
    days VARCHAR NOT NULL,
    reported_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, cabinet),
    FOREIGN KEY(shop_id) REFERENCES shop (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
)
 WITHOUT ROWID;

CREATE INDEX ix_cabinet_firmware_dealer_id ON cabinet_firmware (dealer_id);

CREATE TABLE contact_rhythm (
    shop_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    quiet_since_ms BIGINT NOT NULL,
    gaps VARCHAR NOT NULL,
    PRIMARY KEY (shop_id, source),
    FOREIGN KEY(shop_id) REFERENCES shop (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
)
 WITHOUT ROWID;

CREATE INDEX ix_contact_rhythm_dealer_id ON contact_rhythm (dealer_id);

CREATE TABLE enrolment_code (
    id INTEGER NOT NULL,
    dealer_id VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    digest BLOB NOT NULL,
    made_by VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    withdrawn_ms BIGINT NOT NULL,
    used_ms BIGINT NOT NULL,
    serial VARCHAR NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(shop_id) REFERENCES shop (id),
    UNIQUE (name)
);

CREATE INDEX ix_enrolment_code_dealer_id ON enrolment_code (dealer_id);

CREATE INDEX ix_enrolment_code_shop_id ON enrolment_code (shop_id);

CREATE TABLE firmware_rollout (
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    release VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    bytes BIGINT NOT NULL,
    downgrade BOOLEAN NOT NULL,
    state VARCHAR NOT NULL,
    stage INTEGER NOT NULL,
    stage_ms BIGINT NOT NULL,
    soak_ms BIGINT NOT NULL,
    soak_min VARCHAR NOT NULL,
    pace INTEGER NOT NULL,
    from_min INTEGER NOT NULL,
    to_min INTEGER NOT NULL,
    bad_percent INTEGER NOT NULL,
    takes_back BOOLEAN NOT NULL,
    why VARCHAR NOT NULL,
    made_by VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(release) REFERENCES firmware_release (id)
);

CREATE INDEX ix_firmware_rollout_dealer_id ON firmware_rollout (dealer_id);

CREATE TABLE gateway_certificate (
    serial VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    gateway_id VARCHAR NOT NULL,
    public_key BLOB NOT NULL,
    der BLOB NOT NULL,
    by_code BOOLEAN NOT NULL,
    issued_ms BIGINT NOT NULL,
    not_after_ms BIGINT NOT NULL,
    revoked_ms BIGINT NOT NULL,
    why VARCHAR NOT NULL,
    PRIMARY KEY (serial),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
);

CREATE INDEX ix_gateway_certificate_dealer_id ON gateway_certificate (dealer_id);

CREATE INDEX ix_gateway_certificate_gateway_id ON gateway_certificate (gateway_id);

CREATE INDEX ix_gateway_certificate_shop_id ON gateway_certificate (shop_id);

CREATE TABLE gauge_day (
    dealer_id VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    day VARCHAR NOT NULL,
    taken BIGINT NOT NULL,
    missing FLOAT NOT NULL,
    missing_forecast FLOAT NOT NULL,
    kept_days FLOAT NOT NULL,
    empty_days FLOAT NOT NULL,
    unknown_days FLOAT NOT NULL,
    counts INTEGER NOT NULL,
    counts_right INTEGER NOT NULL,
    sure_ppm BIGINT NOT NULL,
    checks INTEGER NOT NULL,
    checks_right INTEGER NOT NULL,
    checks_off BIGINT NOT NULL,
    restocks INTEGER NOT NULL,
    restock_ms BIGINT NOT NULL,
    restock_minutes VARCHAR NOT NULL,
    visits INTEGER NOT NULL,
    stock BIGINT NOT NULL,
    stock_value_minor BIGINT NOT NULL,
    taken_value_minor BIGINT NOT NULL,
    unpriced INTEGER NOT NULL,
    currency VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, shop_id, day),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
)
 WITHOUT ROWID;

CREATE INDEX gauge_day_by_day ON gauge_day (dealer_id, day);

CREATE TABLE level_curve (
    dealer_id VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    aim_ppm INTEGER NOT NULL,
    bins INTEGER NOT NULL,
    pieces FLOAT NOT NULL,
    value_minor FLOAT NOT NULL,
    asked FLOAT NOT NULL,
    short FLOAT NOT NULL,
    orders FLOAT NOT NULL,
    cost_minor FLOAT NOT NULL,
    made_ms BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, shop_id, category, aim_ppm),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
)
 WITHOUT ROWID;

CREATE TABLE policy_override (
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    bin INTEGER NOT NULL,
    part VARCHAR NOT NULL,
    reorder_point BIGINT NOT NULL,
    order_up_to BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    why VARCHAR NOT NULL,
    made_by VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    ended_by VARCHAR NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
);

CREATE INDEX override_by_place ON policy_override (shop_id, cabinet, bin, part);

CREATE TABLE restocked_bin (
    shop_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    visit VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    bin INTEGER NOT NULL,
    part VARCHAR NOT NULL,
    session VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    expected BIGINT NOT NULL,
    counted BIGINT NOT NULL,
    movement VARCHAR NOT NULL,
    restocked_ms BIGINT NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, id),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
)
 WITHOUT ROWID;

CREATE INDEX restocked_by_visit ON restocked_bin (dealer_id, visit);

CREATE TABLE shop_deposit (
    shop_id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    authority VARCHAR NOT NULL,
    sealed BLOB NOT NULL,
    deposited_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id),
    FOREIGN KEY(shop_id) REFERENCES shop (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
);

CREATE INDEX ix_shop_deposit_dealer_id ON shop_deposit (dealer_id);

CREATE TABLE shop_hours (
    dealer_id VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    weekday INTEGER NOT NULL,
    opens_min INTEGER NOT NULL,
    closes_min INTEGER NOT NULL,
    service_min INTEGER NOT NULL,
    PRIMARY KEY (dealer_id, shop_id, weekday),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
)
 WITHOUT ROWID;

CREATE TABLE taught_mass (
    shop_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    unit_mass_mg BIGINT NOT NULL,
    error_mg BIGINT NOT NULL,
    spread_mg BIGINT NOT NULL,
    spread_max_mg BIGINT NOT NULL,
    batches VARCHAR NOT NULL,
    scale VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    before_unit_mass_mg BIGINT NOT NULL,
    before_spread_mg BIGINT NOT NULL,
    taught_ms BIGINT NOT NULL,
    ingested_ms BIGINT NOT NULL,
    PRIMARY KEY (shop_id, id),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
)
 WITHOUT ROWID;

CREATE INDEX taught_mass_by_part ON taught_mass (dealer_id, part);

CREATE TABLE visit (
    id VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    day VARCHAR NOT NULL,
    van VARCHAR NOT NULL,
    stop INTEGER NOT NULL,
    arrives_min INTEGER NOT NULL,
    travelled_m INTEGER NOT NULL,
    state VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    told_number BIGINT NOT NULL,
    made_by VARCHAR NOT NULL,
    made_ms BIGINT NOT NULL,
    loaded_ms BIGINT NOT NULL,
    done_ms BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(shop_id) REFERENCES shop (id)
);

CREATE INDEX visit_by_day ON visit (dealer_id, day);

CREATE INDEX visit_by_shop ON visit (shop_id, state);

CREATE TABLE on_visit (
    shop_id VARCHAR NOT NULL,
    request VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    visit VARCHAR NOT NULL,
    PRIMARY KEY (shop_id, request),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id),
    FOREIGN KEY(visit) REFERENCES visit (id)
)
 WITHOUT ROWID;

CREATE INDEX ix_on_visit_visit ON on_visit (visit);

CREATE TABLE rollout_cabinet (
    rollout VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    dealer_id VARCHAR NOT NULL,
    stage INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    state VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    number BIGINT NOT NULL,
    told_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    confirmed_ms BIGINT NOT NULL,
    "before" VARCHAR NOT NULL,
    is_forgiven BOOLEAN NOT NULL,
    marked_ms BIGINT NOT NULL,
    starts BIGINT NOT NULL,
    watchdogs BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    blind BIGINT NOT NULL,
    starts_ppm BIGINT NOT NULL,
    errors_ppm BIGINT NOT NULL,
    PRIMARY KEY (rollout, shop_id, cabinet),
    FOREIGN KEY(rollout) REFERENCES firmware_rollout (id),
    FOREIGN KEY(shop_id) REFERENCES shop (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
)
 WITHOUT ROWID;

CREATE INDEX ix_rollout_cabinet_dealer_id ON rollout_cabinet (dealer_id);

CREATE INDEX rollout_cabinet_by_place ON rollout_cabinet (shop_id, cabinet);

CREATE TABLE rollout_step (
    rollout VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    dealer_id VARCHAR NOT NULL,
    at_ms BIGINT NOT NULL,
    what VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    "by" VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    PRIMARY KEY (rollout, number),
    FOREIGN KEY(rollout) REFERENCES firmware_rollout (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
)
 WITHOUT ROWID;

CREATE INDEX ix_rollout_step_dealer_id ON rollout_step (dealer_id);

CREATE TABLE visit_line (
    visit VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    dealer_id VARCHAR NOT NULL,
    shop_id VARCHAR NOT NULL,
    cabinet VARCHAR NOT NULL,
    bin INTEGER NOT NULL,
    part VARCHAR NOT NULL,
    purpose VARCHAR NOT NULL,
    request VARCHAR NOT NULL,
    from_shop VARCHAR NOT NULL,
    quantity BIGINT NOT NULL,
    loaded BIGINT,
    counted BIGINT,
    counted_by VARCHAR NOT NULL,
    movement VARCHAR NOT NULL,
    mass_g BIGINT NOT NULL,
    why VARCHAR NOT NULL,
    left_out VARCHAR NOT NULL,
    settled_ms BIGINT NOT NULL,
    settled_by VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (visit, line),
    FOREIGN KEY(visit) REFERENCES visit (id),
    FOREIGN KEY(dealer_id) REFERENCES dealer (id)
)
 WITHOUT ROWID;

CREATE INDEX visit_line_by_place ON visit_line (shop_id, cabinet, bin, part);
