SELECT pg_catalog.set_config('search_path', '', false);
CREATE FUNCTION public.cabinet_session_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'cabinet_session is append-only'; END $$;
CREATE FUNCTION public.discrepancy_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'discrepancy is append-only'; END $$;
CREATE FUNCTION public.document_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'document is append-only'; END $$;
CREATE FUNCTION public.event_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'event is append-only'; END $$;
CREATE FUNCTION public.ingest_quarantine_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'ingest_quarantine is append-only'; END $$;
CREATE FUNCTION public.movement_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'movement is append-only'; END $$;
CREATE FUNCTION public.posting_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'posting is append-only'; END $$;
CREATE FUNCTION public.read_again_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'read_again is append-only'; END $$;
CREATE FUNCTION public.request_end_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'request_end is append-only'; END $$;
CREATE FUNCTION public.request_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'request is append-only'; END $$;
CREATE FUNCTION public.resolution_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'resolution is append-only'; END $$;
CREATE FUNCTION public.rezero_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'rezero is append-only'; END $$;
CREATE FUNCTION public.set_aside_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'set_aside is append-only'; END $$;
CREATE FUNCTION public.upload_item_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'upload_item is append-only'; END $$;
CREATE FUNCTION public.verdict_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'verdict is append-only'; END $$;
CREATE TABLE public.balance (
    shop_id character varying NOT NULL,
    account character varying NOT NULL,
    part character varying NOT NULL,
    dealer_id character varying NOT NULL,
    quantity bigint NOT NULL,
    last_occurred_ms bigint NOT NULL
);
CREATE TABLE public.cabinet (
    shop_id character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    name_zh character varying NOT NULL,
    name_en character varying NOT NULL
);
CREATE TABLE public.cabinet_session (
    shop_id character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    cabinet character varying NOT NULL,
    person character varying NOT NULL,
    opened_by character varying NOT NULL,
    how character varying NOT NULL,
    missing character varying NOT NULL,
    opened_ms bigint NOT NULL,
    closed_ms bigint NOT NULL,
    booked_ms bigint NOT NULL,
    ingested_ms bigint NOT NULL
);
CREATE TABLE public.cabinet_status (
    shop_id character varying NOT NULL,
    cabinet character varying NOT NULL,
    dealer_id character varying NOT NULL,
    reported_ms bigint NOT NULL,
    last_heard_ms bigint NOT NULL,
    online boolean NOT NULL,
    journal_backlog bigint NOT NULL,
    bins_blind bigint NOT NULL,
    firmware character varying NOT NULL,
    taken_in_ms bigint NOT NULL,
    never_came bigint NOT NULL,
    never_came_ms bigint NOT NULL,
    journal_room_sessions bigint NOT NULL,
    journal_full boolean NOT NULL,
    left_out bigint NOT NULL
);
CREATE TABLE public.dealer (
    id character varying NOT NULL,
    name character varying NOT NULL
);
CREATE TABLE public.dealer_user (
    id integer NOT NULL,
    dealer_id character varying NOT NULL,
    email character varying NOT NULL,
    name character varying NOT NULL,
    password_hash character varying NOT NULL
);
CREATE SEQUENCE public.dealer_user_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.dealer_user_id_seq OWNED BY public.dealer_user.id;
CREATE TABLE public.discrepancy (
    shop_id character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    cabinet character varying NOT NULL,
    bin integer NOT NULL,
    part character varying NOT NULL,
    session character varying NOT NULL,
    reason character varying NOT NULL,
    opened_ms bigint NOT NULL,
    detail character varying NOT NULL,
    ingested_ms bigint NOT NULL
);
CREATE TABLE public.document (
    shop_id character varying NOT NULL,
    version bigint NOT NULL,
    dealer_id character varying NOT NULL,
    stored_ms bigint NOT NULL,
    body bytea NOT NULL
);
CREATE TABLE public.event (
    shop_id character varying NOT NULL,
    cabinet character varying NOT NULL,
    epoch character varying NOT NULL,
    seq bigint NOT NULL,
    dealer_id character varying NOT NULL,
    received_ms bigint NOT NULL,
    occurred_ms bigint NOT NULL,
    line character varying NOT NULL,
    ingested_ms bigint NOT NULL
);
CREATE TABLE public.gateway (
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    shop_id character varying NOT NULL,
    key_sha256 bytea NOT NULL,
    last_contact_ms bigint NOT NULL,
    outbox_backlog bigint NOT NULL,
    quarantined bigint NOT NULL,
    document_version bigint NOT NULL,
    outbox_oldest_ms bigint NOT NULL,
    quarantine_oldest_ms bigint NOT NULL,
    broken bigint NOT NULL,
    broken_ms bigint NOT NULL,
    cannot_write_since_ms bigint NOT NULL,
    disk_free_bytes bigint NOT NULL,
    disk_days bigint NOT NULL,
    disk_low boolean NOT NULL
);
CREATE TABLE public.gateway_epoch (
    gateway_id character varying NOT NULL,
    epoch character varying NOT NULL,
    dealer_id character varying NOT NULL,
    through bigint NOT NULL,
    started_ms bigint NOT NULL,
    moved_ms bigint NOT NULL
);
CREATE TABLE public.ingest_quarantine (
    gateway_id character varying NOT NULL,
    epoch character varying NOT NULL,
    seq bigint NOT NULL,
    digest bytea NOT NULL,
    dealer_id character varying NOT NULL,
    shop_id character varying NOT NULL,
    received_ms bigint NOT NULL,
    reason character varying NOT NULL,
    body bytea NOT NULL
);
CREATE TABLE public.movement (
    shop_id character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    cause character varying NOT NULL,
    cabinet character varying NOT NULL,
    session character varying NOT NULL,
    person character varying NOT NULL,
    job character varying NOT NULL,
    occurred_ms bigint NOT NULL,
    booked_ms bigint NOT NULL,
    confidence_ppm bigint NOT NULL,
    corrects character varying NOT NULL,
    note character varying NOT NULL,
    ingested_ms bigint NOT NULL
);
CREATE TABLE public.posting (
    shop_id character varying NOT NULL,
    movement_id character varying NOT NULL,
    line integer NOT NULL,
    dealer_id character varying NOT NULL,
    account character varying NOT NULL,
    part character varying NOT NULL,
    quantity bigint NOT NULL
);
CREATE TABLE public.read_again (
    shop_id character varying NOT NULL,
    event character varying NOT NULL,
    dealer_id character varying NOT NULL,
    cabinet character varying NOT NULL,
    occurred_ms bigint NOT NULL,
    booked_ms bigint NOT NULL,
    ingested_ms bigint NOT NULL
);
CREATE TABLE public.request (
    shop_id character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    cabinet character varying NOT NULL,
    bin integer NOT NULL,
    part character varying NOT NULL,
    quantity bigint NOT NULL,
    stock bigint NOT NULL,
    raised_ms bigint NOT NULL,
    ingested_ms bigint NOT NULL
);
CREATE TABLE public.request_end (
    shop_id character varying NOT NULL,
    request character varying NOT NULL,
    dealer_id character varying NOT NULL,
    how character varying NOT NULL,
    ended_ms bigint NOT NULL,
    ingested_ms bigint NOT NULL
);
CREATE TABLE public.resolution (
    shop_id character varying NOT NULL,
    discrepancy character varying NOT NULL,
    dealer_id character varying NOT NULL,
    person character varying NOT NULL,
    note character varying NOT NULL,
    movement character varying NOT NULL,
    resolved_ms bigint NOT NULL,
    ingested_ms bigint NOT NULL
);
CREATE TABLE public.rezero (
    shop_id character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    cabinet character varying NOT NULL,
    bin integer NOT NULL,
    event character varying NOT NULL,
    from_mg bigint NOT NULL,
    to_mg bigint NOT NULL,
    sum_mg bigint NOT NULL,
    rezeroed_ms bigint NOT NULL,
    ingested_ms bigint NOT NULL
);
CREATE TABLE public.schema_version (
    id integer NOT NULL,
    version integer NOT NULL
);
CREATE TABLE public.set_aside (
    shop_id character varying NOT NULL,
    event character varying NOT NULL,
    dealer_id character varying NOT NULL,
    cabinet character varying NOT NULL,
    why character varying NOT NULL,
    booked_ms bigint NOT NULL,
    ingested_ms bigint NOT NULL
);
CREATE TABLE public.shop (
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    name character varying NOT NULL,
    document_version bigint NOT NULL
);
CREATE TABLE public.sign_in (
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    user_id integer NOT NULL,
    started_ms bigint NOT NULL,
    expires_ms bigint NOT NULL,
    ended_ms bigint
);
CREATE TABLE public.upload_item (
    gateway_id character varying NOT NULL,
    epoch character varying NOT NULL,
    seq bigint NOT NULL,
    dealer_id character varying NOT NULL,
    digest bytea NOT NULL
);
CREATE TABLE public.verdict (
    shop_id character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    cabinet character varying NOT NULL,
    session character varying NOT NULL,
    bin integer NOT NULL,
    number integer NOT NULL,
    event character varying NOT NULL,
    decided_ms bigint NOT NULL,
    confidence_ppm bigint NOT NULL,
    best character varying NOT NULL,
    candidates character varying NOT NULL,
    levels character varying NOT NULL,
    steps character varying NOT NULL,
    tags character varying NOT NULL,
    ground character varying NOT NULL,
    algorithm integer NOT NULL,
    ingested_ms bigint NOT NULL
);
ALTER TABLE ONLY public.dealer_user ALTER COLUMN id SET DEFAULT nextval('public.dealer_user_id_seq'::regclass);
INSERT INTO public.balance VALUES ('shop-1', 'dealer:north', 'WK-1060', 'north', -20, 1794873600000);
INSERT INTO public.balance VALUES ('shop-1', 'bin:cab-1/1', 'WK-1060', 'north', 15, 1794873600000);
INSERT INTO public.balance VALUES ('shop-1', 'shop:shop-1', 'WK-1060', 'north', 5, 1794873600000);
INSERT INTO public.balance VALUES ('shop-9', 'bin:cab-1/1', 'WK-1060', 'south', 7, 1794873600000);
INSERT INTO public.balance VALUES ('shop-9', 'dealer:south', 'WK-1060', 'south', -7, 1794873600000);
INSERT INTO public.cabinet VALUES ('shop-1', 'cab-1', 'north', '一号柜', 'Cabinet 1');
INSERT INTO public.cabinet VALUES ('shop-1', 'cab-2', 'north', '二号柜', 'Cabinet 2');
INSERT INTO public.cabinet VALUES ('shop-2', 'cab-1', 'north', '一号柜', 'Cabinet 1');
INSERT INTO public.cabinet VALUES ('shop-2', 'cab-2', 'north', '二号柜', 'Cabinet 2');
INSERT INTO public.cabinet VALUES ('shop-9', 'cab-1', 'south', '一号柜', 'Cabinet 1');
INSERT INTO public.cabinet VALUES ('shop-9', 'cab-2', 'south', '二号柜', 'Cabinet 2');
INSERT INTO public.cabinet_session VALUES ('shop-1', 'cab-1/c0ffee00/1', 'north', 'cab-1', 'p-zhang', '04A1B2C3', 'badge', '', 1794873591000, 1794873600000, 1794873600005, 1794873602000);
INSERT INTO public.cabinet_status VALUES ('shop-1', 'cab-1', 'north', 1794873603000, 1794873600000, true, 0, 0, '0.1.0', 0, 0, 0, -1, false, 0);
INSERT INTO public.dealer VALUES ('north', 'North Parts');
INSERT INTO public.dealer VALUES ('south', 'South Parts');
INSERT INTO public.dealer_user VALUES (1, 'north', 'li@north.example', 'li', '$argon2id$v=19$m=65536,t=3,p=4$YgdvX+to2hxFT4Uha6bRgg$8tK5heaVKPDHsWBKnjKiSltP8Sz/2CXdJrfZQzQfQVM');
INSERT INTO public.dealer_user VALUES (2, 'south', 'wang@south.example', 'wang', '$argon2id$v=19$m=65536,t=3,p=4$I1dPJ0sP+P77ZdtEY4pHDw$DYcW6g98QyjFdcm1HCvBmJuj8AbTeSxOdoRzUNt0kwU');
INSERT INTO public.discrepancy VALUES ('shop-1', 'd1', 'north', 'cab-1', 1, 'WK-1060', '', 'not_a_part', 1794873600000, '312 g', 1794873602000);
INSERT INTO public.discrepancy VALUES ('shop-1', 'd2', 'north', 'cab-1', 1, 'WK-1060', '', 'not_a_part', 1794873600000, '312 g', 1794873602000);
INSERT INTO public.document VALUES ('shop-1', 1, 'north', 1794873600000, '\x7b2276657273696f6e223a312c2273686f70223a2273686f702d31222c2273686f705f6e616d65223a22e5ba972073686f702d31222c226465616c6572223a226e6f727468222c226465616c65725f6e616d65223a226e6f727468222c227061727473223a5b7b226e756d626572223a22574b2d31303630222c226e616d655f7a68223a22e69fb4e6b2b9e6bba4e6b885e599a8222c226e616d655f656e223a2244696573656c2066696c746572222c226272616e64223a225a46222c22756e69745f6d6173735f6d67223a3835303030302c227061636b5f73697a65223a362c2270726963655f6d696e6f72223a343530307d2c7b226e756d626572223a224d3132783430222c226e616d655f7a68223a22e89ebae6a093222c226e616d655f656e223a22426f6c74222c22756e6974223a226772616d227d5d2c22636162696e657473223a5b7b226964223a226361622d31222c226e616d655f7a68223a22e4b880e58fb7e69f9c222c226e616d655f656e223a22436162696e65742031222c2262696e73223a5b7b2262696e223a312c2270617274223a22574b2d31303630222c226361706163697479223a32342c2272656f726465725f706f696e74223a342c226f726465725f75705f746f223a32302c2263656c6c223a2263332d35306b67227d2c7b2262696e223a322c2270617274223a224d3132783430222c226361706163697479223a32303030302c2272656f726465725f706f696e74223a3530302c226f726465725f75705f746f223a31303030302c22646561645f62616e64223a32302c2263656c6c223a2263332d35306b67227d5d2c22646f6f7273223a317d2c7b226964223a226361622d32222c226e616d655f7a68223a22e4ba8ce58fb7e69f9c222c226e616d655f656e223a22436162696e65742032222c2262696e73223a5b7b2262696e223a317d5d2c22646f6f7273223a317d5d2c2270656f706c65223a5b7b226964223a22702d7a68616e67222c226e616d65223a22e5bca0e5b888e58285222c22726f6c65223a226d656368616e6963222c22626164676573223a5b223034413142324333225d7d5d2c226a6f6273223a5b7b226964223a226a2d31222c227469746c65223a22e4bf9de585bb222c22706c617465223a22e9b281423132333435222c2276696e223a22227d5d2c226163636573735f64617973223a33307d');
INSERT INTO public.document VALUES ('shop-2', 1, 'north', 1794873600000, '\x7b2276657273696f6e223a312c2273686f70223a2273686f702d32222c2273686f705f6e616d65223a22e5ba972073686f702d32222c226465616c6572223a226e6f727468222c226465616c65725f6e616d65223a226e6f727468222c227061727473223a5b7b226e756d626572223a22574b2d31303630222c226e616d655f7a68223a22e69fb4e6b2b9e6bba4e6b885e599a8222c226e616d655f656e223a2244696573656c2066696c746572222c226272616e64223a225a46222c22756e69745f6d6173735f6d67223a3835303030302c227061636b5f73697a65223a362c2270726963655f6d696e6f72223a343530307d2c7b226e756d626572223a224d3132783430222c226e616d655f7a68223a22e89ebae6a093222c226e616d655f656e223a22426f6c74222c22756e6974223a226772616d227d5d2c22636162696e657473223a5b7b226964223a226361622d31222c226e616d655f7a68223a22e4b880e58fb7e69f9c222c226e616d655f656e223a22436162696e65742031222c2262696e73223a5b7b2262696e223a312c2270617274223a22574b2d31303630222c226361706163697479223a32342c2272656f726465725f706f696e74223a342c226f726465725f75705f746f223a32302c2263656c6c223a2263332d35306b67227d2c7b2262696e223a322c2270617274223a224d3132783430222c226361706163697479223a32303030302c2272656f726465725f706f696e74223a3530302c226f726465725f75705f746f223a31303030302c22646561645f62616e64223a32302c2263656c6c223a2263332d35306b67227d5d2c22646f6f7273223a317d2c7b226964223a226361622d32222c226e616d655f7a68223a22e4ba8ce58fb7e69f9c222c226e616d655f656e223a22436162696e65742032222c2262696e73223a5b7b2262696e223a317d5d2c22646f6f7273223a317d5d2c2270656f706c65223a5b7b226964223a22702d7a68616e67222c226e616d65223a22e5bca0e5b888e58285222c22726f6c65223a226d656368616e6963222c22626164676573223a5b223034413142324333225d7d5d2c226a6f6273223a5b7b226964223a226a2d31222c227469746c65223a22e4bf9de585bb222c22706c617465223a22e9b281423132333435222c2276696e223a22227d5d2c226163636573735f64617973223a33307d');
INSERT INTO public.document VALUES ('shop-9', 1, 'south', 1794873600000, '\x7b2276657273696f6e223a312c2273686f70223a2273686f702d39222c2273686f705f6e616d65223a22e5ba972073686f702d39222c226465616c6572223a22736f757468222c226465616c65725f6e616d65223a22736f757468222c227061727473223a5b7b226e756d626572223a22574b2d31303630222c226e616d655f7a68223a22e69fb4e6b2b9e6bba4e6b885e599a8222c226e616d655f656e223a2244696573656c2066696c746572222c226272616e64223a225a46222c22756e69745f6d6173735f6d67223a3835303030302c227061636b5f73697a65223a362c2270726963655f6d696e6f72223a343530307d2c7b226e756d626572223a224d3132783430222c226e616d655f7a68223a22e89ebae6a093222c226e616d655f656e223a22426f6c74222c22756e6974223a226772616d227d5d2c22636162696e657473223a5b7b226964223a226361622d31222c226e616d655f7a68223a22e4b880e58fb7e69f9c222c226e616d655f656e223a22436162696e65742031222c2262696e73223a5b7b2262696e223a312c2270617274223a22574b2d31303630222c226361706163697479223a32342c2272656f726465725f706f696e74223a342c226f726465725f75705f746f223a32302c2263656c6c223a2263332d35306b67227d2c7b2262696e223a322c2270617274223a224d3132783430222c226361706163697479223a32303030302c2272656f726465725f706f696e74223a3530302c226f726465725f75705f746f223a31303030302c22646561645f62616e64223a32302c2263656c6c223a2263332d35306b67227d5d2c22646f6f7273223a317d2c7b226964223a226361622d32222c226e616d655f7a68223a22e4ba8ce58fb7e69f9c222c226e616d655f656e223a22436162696e65742032222c2262696e73223a5b7b2262696e223a317d5d2c22646f6f7273223a317d5d2c2270656f706c65223a5b7b226964223a22702d7a68616e67222c226e616d65223a22e5bca0e5b888e58285222c22726f6c65223a226d656368616e6963222c22626164676573223a5b223034413142324333225d7d5d2c226a6f6273223a5b7b226964223a226a2d31222c227469746c65223a22e4bf9de585bb222c22706c617465223a22e9b281423132333435222c2276696e223a22227d5d2c226163636573735f64617973223a33307d');
INSERT INTO public.document VALUES ('shop-1', 2, 'north', 1794873601000, '\x7b2276657273696f6e223a322c2273686f70223a2273686f702d31222c2273686f705f6e616d65223a22e5ba972073686f702d31222c226465616c6572223a226e6f727468222c226465616c65725f6e616d65223a226e6f727468222c227061727473223a5b7b226e756d626572223a22574b2d31303630222c226e616d655f7a68223a22e69fb4e6b2b9e6bba4e6b885e599a8222c226e616d655f656e223a2244696573656c2066696c746572222c226272616e64223a225a46222c22756e69745f6d6173735f6d67223a3835303030302c227061636b5f73697a65223a362c2270726963655f6d696e6f72223a343530307d2c7b226e756d626572223a224d3132783430222c226e616d655f7a68223a22e89ebae6a093222c226e616d655f656e223a22426f6c74222c22756e6974223a226772616d227d5d2c22636162696e657473223a5b7b226964223a226361622d31222c226e616d655f7a68223a22e4b880e58fb7e69f9c222c226e616d655f656e223a22436162696e65742031222c2262696e73223a5b7b2262696e223a312c2270617274223a22574b2d31303630222c226361706163697479223a32342c2272656f726465725f706f696e74223a342c226f726465725f75705f746f223a32302c2263656c6c223a2263332d35306b67227d2c7b2262696e223a322c2270617274223a224d3132783430222c226361706163697479223a32303030302c2272656f726465725f706f696e74223a3530302c226f726465725f75705f746f223a31303030302c22646561645f62616e64223a32302c2263656c6c223a2263332d35306b67227d5d2c22646f6f7273223a317d2c7b226964223a226361622d32222c226e616d655f7a68223a22e4ba8ce58fb7e69f9c222c226e616d655f656e223a22436162696e65742032222c2262696e73223a5b7b2262696e223a317d5d2c22646f6f7273223a317d5d2c2270656f706c65223a5b7b226964223a22702d7a68616e67222c226e616d65223a22e5bca0e5b888e58285222c22726f6c65223a226d656368616e6963222c22626164676573223a5b223034413142324333225d7d5d2c226a6f6273223a5b7b226964223a226a2d31222c227469746c65223a22e4bf9de585bb222c22706c617465223a22e9b281423132333435222c2276696e223a22227d2c7b226964223a226a2d32222c227469746c65223a22e68da2e6bba4e88aaf222c22706c617465223a22e9b281423534333231222c2276696e223a224c5a5a35434c5642384e41303030303031227d5d2c226163636573735f64617973223a33307d');
INSERT INTO public.event VALUES ('shop-1', 'cab-1', 'c0ffee00', 1, 'north', 1794873600000, 1794873600000, '{"a":"\\u0000 \"扳手\""}', 1794873602000);
INSERT INTO public.event VALUES ('shop-1', 'cab-1', 'c0ffee00', 2, 'north', 1794873600000, 1794873600000, '{"seq":2}', 1794873602000);
INSERT INTO public.event VALUES ('shop-1', 'cab-1', 'c0ffee00', 7, 'north', 1794873600000, 1794873600000, '{"seq":7}', 1794873602000);
INSERT INTO public.event VALUES ('shop-9', 'cab-1', 'c0ffee00', 1, 'south', 1794873600000, 1794873600000, '{"seq":1}', 1794873602000);
INSERT INTO public.gateway VALUES ('gw-2', 'north', 'shop-2', '\xcdf0c0e9c18206e459f3db8cf7942cc84acf14a1993c35b0bd91837ac2013ab1', 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, false);
INSERT INTO public.gateway VALUES ('gw-9', 'south', 'shop-9', '\xd09995d2361d34d8ea58d072af441ba33c0da86c80e1a764c3ed9ea83a1cfdca', 1794873602000, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, false);
INSERT INTO public.gateway VALUES ('gw-1', 'north', 'shop-1', '\xcd9718a1058d7e0919f462127145ec35c36e6d66805d12a54a7d38f44f9cbda4', 1794873603000, 3, 1, 2, 0, 0, 0, 0, 0, -1, -1, false);
INSERT INTO public.gateway_epoch VALUES ('gw-1', 'e1', 'north', 16, 1794873602000, 1794873602000);
INSERT INTO public.gateway_epoch VALUES ('gw-1', 'e2', 'north', 1, 1794873602000, 1794873602000);
INSERT INTO public.gateway_epoch VALUES ('gw-9', 'e1', 'south', 2, 1794873602000, 1794873602000);
INSERT INTO public.ingest_quarantine VALUES ('gw-1', 'e1', 2, '\x30d1bae5f467bb3ce16b5a6a96675020', 'north', 'shop-1', 1794873602000, 'expected the content that was received under this number before, found another', '\x7b226b696e64223a226576656e74222c22636162696e6574223a226361622d31222c2265706f6368223a226330666665653030222c22736571223a392c2272656365697665645f6d73223a313739343837333630303030302c226f636375727265645f6d73223a313739343837333630303030302c226c696e65223a227b5c227365715c223a397d227d');
INSERT INTO public.movement VALUES ('shop-1', 'm1', 'north', 'opening', 'cab-1', '', 'p-zhang', '', 1794873600000, 1794873600000, 999000, '', '', 1794873602000);
INSERT INTO public.movement VALUES ('shop-1', 'm2', 'north', 'take', 'cab-1', 'cab-1/c0ffee00/1', 'p-zhang', '', 1794873600000, 1794873600000, 999000, '', '', 1794873602000);
INSERT INTO public.movement VALUES ('shop-1', 'm3', 'north', 'take', 'cab-1', '', 'p-zhang', '', 1794873600000, 1794873600000, 999000, '', '', 1794873602000);
INSERT INTO public.movement VALUES ('shop-9', 'm1', 'south', 'opening', 'cab-1', '', 'p-zhang', '', 1794873600000, 1794873600000, 999000, '', '', 1794873602000);
INSERT INTO public.posting VALUES ('shop-1', 'm1', 0, 'north', 'dealer:north', 'WK-1060', -20);
INSERT INTO public.posting VALUES ('shop-1', 'm1', 1, 'north', 'bin:cab-1/1', 'WK-1060', 20);
INSERT INTO public.posting VALUES ('shop-1', 'm2', 0, 'north', 'bin:cab-1/1', 'WK-1060', -3);
INSERT INTO public.posting VALUES ('shop-1', 'm2', 1, 'north', 'shop:shop-1', 'WK-1060', 3);
INSERT INTO public.posting VALUES ('shop-1', 'm3', 0, 'north', 'bin:cab-1/1', 'WK-1060', -2);
INSERT INTO public.posting VALUES ('shop-1', 'm3', 1, 'north', 'shop:shop-1', 'WK-1060', 2);
INSERT INTO public.posting VALUES ('shop-9', 'm1', 0, 'south', 'dealer:south', 'WK-1060', -7);
INSERT INTO public.posting VALUES ('shop-9', 'm1', 1, 'south', 'bin:cab-1/1', 'WK-1060', 7);
INSERT INTO public.read_again VALUES ('shop-1', 'cab-1/c0ffee00/1', 'north', 'cab-1', 1794873600000, 1794877200000, 1794873602000);
INSERT INTO public.request VALUES ('shop-1', 'r1', 'north', 'cab-1', 1, 'WK-1060', 15, 4, 1794873600000, 1794873602000);
INSERT INTO public.request VALUES ('shop-1', 'r2', 'north', 'cab-1', 1, 'WK-1060', 15, 4, 1794873600000, 1794873602000);
INSERT INTO public.request_end VALUES ('shop-1', 'r1', 'north', 'filled', 1794873600001, 1794873602000);
INSERT INTO public.resolution VALUES ('shop-1', 'd1', 'north', 'p-zhang', '扳手', '', 1794873600001, 1794873602000);
INSERT INTO public.rezero VALUES ('shop-1', 'z1', 'north', 'cab-1', 1, 'cab-1/c0ffee00/3', 6000000, 6001200, 1200, 1794873600000, 1794873602000);
INSERT INTO public.schema_version VALUES (1, 3);
INSERT INTO public.set_aside VALUES ('shop-1', 'cab-1/c0ffee00/1', 'north', 'cab-1', 'expected a known kind, found ''bin_cleaned''', 1794873600000, 1794873602000);
INSERT INTO public.shop VALUES ('shop-2', 'north', '店 shop-2', 1);
INSERT INTO public.shop VALUES ('shop-9', 'south', '店 shop-9', 1);
INSERT INTO public.shop VALUES ('shop-1', 'north', '店 shop-1', 2);
INSERT INTO public.sign_in VALUES ('2Yp_r6fSJbmR52s3qRprBVAp9x5GLrmN', 'north', 1, 1794873600000, 1795478400000, NULL);
INSERT INTO public.sign_in VALUES ('d6HWCM6A_AxQ5KkSM03pvPvgn6UHwRp7', 'south', 2, 1794873600000, 1795478400000, 1794873600000);
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 1, 'north', '\x9904528e8da17a43ebd332eef42bd48e');
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 2, 'north', '\x172729d3951232056440a007b6148d4c');
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 3, 'north', '\xcce1fede5451e82501924ee0e7a14bb5');
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 4, 'north', '\x9e0877ffa3abd858e74533b0d79e51bf');
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 5, 'north', '\xf2d709b42a20d135bb2725aeb8331b22');
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 6, 'north', '\xc0546c30f2aacff31aff45951928d2c6');
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 7, 'north', '\xed699abdae83210465dc2ce950515144');
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 8, 'north', '\x8e9434270f2962638238e5a6f510a0f5');
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 9, 'north', '\xfe84509f57a896cb76a5dc4155bd8ae1');
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 10, 'north', '\xb3906cbc5abc4cc671e6f062285238c7');
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 11, 'north', '\x7b0db457b632661d334d0f13f93eea22');
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 12, 'north', '\x2db78f34b67c8b18dd402f2adb36ccd1');
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 13, 'north', '\xc82d909b81e88432e241fe5f55ef5c8c');
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 14, 'north', '\xd97b626af1007fbb1e2e5ce853e12a35');
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 15, 'north', '\x7ff0ecefba34ff5e0314023f70307c90');
INSERT INTO public.upload_item VALUES ('gw-1', 'e1', 16, 'north', '\x95183546bef9aed0d31667100e48f957');
INSERT INTO public.upload_item VALUES ('gw-1', 'e2', 1, 'north', '\x2267fecbfadd8398744565c68d0bf8fd');
INSERT INTO public.upload_item VALUES ('gw-9', 'e1', 1, 'south', '\x3f80c495d42493ab5efc676fb5a4810e');
INSERT INTO public.upload_item VALUES ('gw-9', 'e1', 2, 'south', '\x2e2fb2ed7e19683f9c162ec3ac17ba0c');
INSERT INTO public.verdict VALUES ('shop-1', 'v1', 'north', 'cab-1', 'cab-1/c0ffee00/2', 1, 1, 'cab-1/c0ffee00/4', 1794873600000, 998000, '[[["WK-1060",-2]],0]', '[[[["WK-1060",-2]],0,998000],[[["WK-1060",-1]],0,2000]]', '[[0,6000000,150],[4000,5400000,160],[9000,4800000,150]]', '[[1,[["WK-1060",-1]],0,-600000,220],[2,[["WK-1060",-1]],0,-600000,220]]', '[]', '{}', 1, 1794873602000);
SELECT pg_catalog.setval('public.dealer_user_id_seq', 2, true);
ALTER TABLE ONLY public.balance
    ADD CONSTRAINT balance_pkey PRIMARY KEY (shop_id, account, part);
ALTER TABLE ONLY public.cabinet
    ADD CONSTRAINT cabinet_pkey PRIMARY KEY (shop_id, id);
ALTER TABLE ONLY public.cabinet_session
    ADD CONSTRAINT cabinet_session_pkey PRIMARY KEY (shop_id, id);
ALTER TABLE ONLY public.cabinet_status
    ADD CONSTRAINT cabinet_status_pkey PRIMARY KEY (shop_id, cabinet);
ALTER TABLE ONLY public.dealer
    ADD CONSTRAINT dealer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.dealer_user
    ADD CONSTRAINT dealer_user_email_key UNIQUE (email);
ALTER TABLE ONLY public.dealer_user
    ADD CONSTRAINT dealer_user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.discrepancy
    ADD CONSTRAINT discrepancy_pkey PRIMARY KEY (shop_id, id);
ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_pkey PRIMARY KEY (shop_id, version);
ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.gateway_epoch
    ADD CONSTRAINT gateway_epoch_pkey PRIMARY KEY (gateway_id, epoch);
ALTER TABLE ONLY public.gateway
    ADD CONSTRAINT gateway_key_sha256_key UNIQUE (key_sha256);
ALTER TABLE ONLY public.gateway
    ADD CONSTRAINT gateway_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ingest_quarantine
    ADD CONSTRAINT ingest_quarantine_pkey PRIMARY KEY (gateway_id, epoch, seq, digest);
ALTER TABLE ONLY public.movement
    ADD CONSTRAINT movement_pkey PRIMARY KEY (shop_id, id);
ALTER TABLE ONLY public.posting
    ADD CONSTRAINT posting_pkey PRIMARY KEY (shop_id, movement_id, line);
ALTER TABLE ONLY public.read_again
    ADD CONSTRAINT read_again_pkey PRIMARY KEY (shop_id, event);
ALTER TABLE ONLY public.request_end
    ADD CONSTRAINT request_end_pkey PRIMARY KEY (shop_id, request);
ALTER TABLE ONLY public.request
    ADD CONSTRAINT request_pkey PRIMARY KEY (shop_id, id);
ALTER TABLE ONLY public.resolution
    ADD CONSTRAINT resolution_pkey PRIMARY KEY (shop_id, discrepancy);
ALTER TABLE ONLY public.rezero
    ADD CONSTRAINT rezero_pkey PRIMARY KEY (shop_id, id);
ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.set_aside
    ADD CONSTRAINT set_aside_pkey PRIMARY KEY (shop_id, event);
ALTER TABLE ONLY public.shop
    ADD CONSTRAINT shop_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sign_in
    ADD CONSTRAINT sign_in_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.upload_item
    ADD CONSTRAINT upload_item_pkey PRIMARY KEY (gateway_id, epoch, seq);
ALTER TABLE ONLY public.verdict
    ADD CONSTRAINT verdict_pkey PRIMARY KEY (shop_id, id);
CREATE INDEX ix_cabinet_dealer_id ON public.cabinet USING btree (dealer_id);
CREATE INDEX ix_cabinet_status_dealer_id ON public.cabinet_status USING btree (dealer_id);
CREATE INDEX ix_dealer_user_dealer_id ON public.dealer_user USING btree (dealer_id);
CREATE INDEX ix_document_dealer_id ON public.document USING btree (dealer_id);
CREATE INDEX ix_gateway_dealer_id ON public.gateway USING btree (dealer_id);
CREATE INDEX ix_gateway_epoch_dealer_id ON public.gateway_epoch USING btree (dealer_id);
CREATE INDEX ix_gateway_shop_id ON public.gateway USING btree (shop_id);
CREATE INDEX ix_shop_dealer_id ON public.shop USING btree (dealer_id);
CREATE INDEX ix_sign_in_dealer_id ON public.sign_in USING btree (dealer_id);
CREATE INDEX ix_sign_in_user_id ON public.sign_in USING btree (user_id);
CREATE INDEX movement_by_session ON public.movement USING btree (shop_id, session);
CREATE INDEX movement_by_time ON public.movement USING btree (shop_id, occurred_ms);
CREATE INDEX quarantine_by_shop ON public.ingest_quarantine USING btree (shop_id, received_ms);
CREATE INDEX session_by_time ON public.cabinet_session USING btree (shop_id, closed_ms);
CREATE INDEX verdict_by_session ON public.verdict USING btree (shop_id, session);
CREATE TRIGGER cabinet_session_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.cabinet_session FOR EACH STATEMENT EXECUTE FUNCTION public.cabinet_session_refuses();
CREATE TRIGGER discrepancy_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.discrepancy FOR EACH STATEMENT EXECUTE FUNCTION public.discrepancy_refuses();
CREATE TRIGGER document_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.document FOR EACH STATEMENT EXECUTE FUNCTION public.document_refuses();
CREATE TRIGGER event_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER ingest_quarantine_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.ingest_quarantine FOR EACH STATEMENT EXECUTE FUNCTION public.ingest_quarantine_refuses();
CREATE TRIGGER movement_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.movement FOR EACH STATEMENT EXECUTE FUNCTION public.movement_refuses();
CREATE TRIGGER posting_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.posting FOR EACH STATEMENT EXECUTE FUNCTION public.posting_refuses();
CREATE TRIGGER read_again_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.read_again FOR EACH STATEMENT EXECUTE FUNCTION public.read_again_refuses();
CREATE TRIGGER request_end_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.request_end FOR EACH STATEMENT EXECUTE FUNCTION public.request_end_refuses();
CREATE TRIGGER request_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.request FOR EACH STATEMENT EXECUTE FUNCTION public.request_refuses();
CREATE TRIGGER resolution_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.resolution FOR EACH STATEMENT EXECUTE FUNCTION public.resolution_refuses();
CREATE TRIGGER rezero_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.rezero FOR EACH STATEMENT EXECUTE FUNCTION public.rezero_refuses();
CREATE TRIGGER set_aside_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.set_aside FOR EACH STATEMENT EXECUTE FUNCTION public.set_aside_refuses();
CREATE TRIGGER upload_item_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.upload_item FOR EACH STATEMENT EXECUTE FUNCTION public.upload_item_refuses();
CREATE TRIGGER verdict_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.verdict FOR EACH STATEMENT EXECUTE FUNCTION public.verdict_refuses();
ALTER TABLE ONLY public.cabinet
    ADD CONSTRAINT cabinet_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.cabinet
    ADD CONSTRAINT cabinet_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.cabinet_status
    ADD CONSTRAINT cabinet_status_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.cabinet_status
    ADD CONSTRAINT cabinet_status_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.dealer_user
    ADD CONSTRAINT dealer_user_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.gateway
    ADD CONSTRAINT gateway_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.gateway_epoch
    ADD CONSTRAINT gateway_epoch_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.gateway_epoch
    ADD CONSTRAINT gateway_epoch_gateway_id_fkey FOREIGN KEY (gateway_id) REFERENCES public.gateway(id);
ALTER TABLE ONLY public.gateway
    ADD CONSTRAINT gateway_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.shop
    ADD CONSTRAINT shop_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.sign_in
    ADD CONSTRAINT sign_in_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.sign_in
    ADD CONSTRAINT sign_in_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.dealer_user(id);
