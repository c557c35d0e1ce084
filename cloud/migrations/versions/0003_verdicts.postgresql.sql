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

CREATE INDEX verdict_by_session ON verdict (shop_id, session);
