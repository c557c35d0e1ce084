DO $$ BEGIN CREATE ROLE partsbay_tenant NOLOGIN NOSUPERUSER NOBYPASSRLS; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
GRANT partsbay_tenant TO current_user;
DO $$ BEGIN CREATE ROLE partsbay_service NOLOGIN NOSUPERUSER NOBYPASSRLS; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
GRANT partsbay_service TO current_user;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE FUNCTION public.as_sent_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'as_sent is append-only'; END $$;
CREATE FUNCTION public.audit_entry_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'audit_entry is append-only'; END $$;
CREATE FUNCTION public.billed_line_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'billed_line is append-only'; END $$;
CREATE FUNCTION public.cabinet_session_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'cabinet_session is append-only'; END $$;
CREATE FUNCTION public.claim_step_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'claim_step is append-only'; END $$;
CREATE FUNCTION public.discrepancy_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'discrepancy is append-only'; END $$;
CREATE FUNCTION public.document_redacts() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  was jsonb := convert_from(OLD.body, 'UTF8')::jsonb;
  now jsonb := convert_from(NEW.body, 'UTF8')::jsonb;
BEGIN
  IF (NEW.shop_id, NEW.version, NEW.dealer_id, NEW.stored_ms)
     IS DISTINCT FROM (OLD.shop_id, OLD.version, OLD.dealer_id, OLD.stored_ms)
     OR (was - 'people') IS DISTINCT FROM (now - 'people')
     OR EXISTS (
       SELECT 1 FROM jsonb_array_elements(was -> 'people') WITH ORDINALITY AS a(person, at)
       FULL JOIN jsonb_array_elements(now -> 'people') WITH ORDINALITY AS b(person, at) USING (at)
       WHERE a.person IS DISTINCT FROM b.person
       AND b.person IS DISTINCT FROM a.person || '{"name": "已离开 (left)", "badges": []}'::jsonb
     )
  THEN RAISE EXCEPTION 'document is append-only';
  END IF;
  RETURN NEW;
END$$;
CREATE FUNCTION public.document_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'document is append-only'; END $$;
CREATE FUNCTION public.event_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'event is append-only'; END $$;
CREATE FUNCTION public.feed_answer_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'feed_answer is append-only'; END $$;
CREATE FUNCTION public.ingest_quarantine_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'ingest_quarantine is append-only'; END $$;
CREATE FUNCTION public.kiosk_job_end_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'kiosk_job_end is append-only'; END $$;
CREATE FUNCTION public.kiosk_job_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'kiosk_job is append-only'; END $$;
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
CREATE FUNCTION public.shop_feed_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'shop_feed is append-only'; END $$;
CREATE FUNCTION public.statement_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'statement is append-only'; END $$;
CREATE FUNCTION public.upload_batch_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'upload_batch is append-only'; END $$;
CREATE FUNCTION public.vehicle_change_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'vehicle_change is append-only'; END $$;
CREATE FUNCTION public.vehicle_reading_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'vehicle_reading is append-only'; END $$;
CREATE FUNCTION public.verdict_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'verdict is append-only'; END $$;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.api_token (
    id integer NOT NULL,
    dealer_id character varying NOT NULL,
    membership_id integer NOT NULL,
    name character varying NOT NULL,
    token_sha256 bytea NOT NULL,
    rights character varying NOT NULL,
    made_ms bigint NOT NULL,
    expires_ms bigint NOT NULL,
    last_used_ms bigint NOT NULL,
    ended_ms bigint NOT NULL
);
ALTER TABLE ONLY public.api_token FORCE ROW LEVEL SECURITY;
CREATE SEQUENCE public.api_token_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.api_token_id_seq OWNED BY public.api_token.id;
CREATE TABLE public.as_sent (
    shop_id character varying NOT NULL,
    kind character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    body bytea NOT NULL
);
ALTER TABLE ONLY public.as_sent FORCE ROW LEVEL SECURITY;
CREATE TABLE public.audit_entry (
    id integer NOT NULL,
    dealer_id character varying,
    at_ms bigint NOT NULL,
    user_id integer,
    user_name character varying NOT NULL,
    action character varying NOT NULL,
    target character varying NOT NULL,
    before character varying NOT NULL,
    after character varying NOT NULL
);
ALTER TABLE ONLY public.audit_entry FORCE ROW LEVEL SECURITY;
CREATE SEQUENCE public.audit_entry_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.audit_entry_id_seq OWNED BY public.audit_entry.id;
CREATE TABLE public.balance (
    shop_id character varying NOT NULL,
    account character varying NOT NULL,
    part character varying NOT NULL,
    dealer_id character varying NOT NULL,
    quantity bigint NOT NULL,
    last_occurred_ms bigint NOT NULL
);
ALTER TABLE ONLY public.balance FORCE ROW LEVEL SECURITY;
CREATE TABLE public.billed_line (
    shop_id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    ref character varying NOT NULL,
    month character varying NOT NULL,
    part character varying NOT NULL,
    quantity bigint NOT NULL,
    price_minor bigint NOT NULL,
    currency character varying NOT NULL,
    tax_ppm bigint NOT NULL,
    price_shop character varying NOT NULL,
    price_day character varying NOT NULL
);
ALTER TABLE ONLY public.billed_line FORCE ROW LEVEL SECURITY;
CREATE TABLE public.bot_hook (
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    name character varying NOT NULL,
    kind character varying NOT NULL,
    shops character varying NOT NULL,
    sealed bytea NOT NULL,
    made_by integer,
    made_ms bigint NOT NULL,
    last_asked_ms bigint NOT NULL,
    ended_ms bigint NOT NULL
);
ALTER TABLE ONLY public.bot_hook FORCE ROW LEVEL SECURITY;
CREATE TABLE public.cabinet (
    shop_id character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    name_zh character varying NOT NULL,
    name_en character varying NOT NULL
);
ALTER TABLE ONLY public.cabinet FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.cabinet_session FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.cabinet_status FORCE ROW LEVEL SECURITY;
CREATE TABLE public.catalogue_revision (
    dealer_id character varying NOT NULL,
    revision bigint NOT NULL
);
ALTER TABLE ONLY public.catalogue_revision FORCE ROW LEVEL SECURITY;
CREATE TABLE public.claim (
    shop_id character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    kind character varying NOT NULL,
    movement character varying NOT NULL,
    line integer NOT NULL,
    part character varying NOT NULL,
    quantity bigint NOT NULL,
    job character varying NOT NULL,
    vehicle character varying NOT NULL,
    reason character varying NOT NULL,
    made_by character varying NOT NULL,
    made_ms bigint NOT NULL
);
ALTER TABLE ONLY public.claim FORCE ROW LEVEL SECURITY;
CREATE TABLE public.claim_step (
    shop_id character varying NOT NULL,
    claim character varying NOT NULL,
    number integer NOT NULL,
    dealer_id character varying NOT NULL,
    state character varying NOT NULL,
    credit_minor bigint NOT NULL,
    note character varying NOT NULL,
    made_by character varying NOT NULL,
    made_ms bigint NOT NULL
);
ALTER TABLE ONLY public.claim_step FORCE ROW LEVEL SECURITY;
CREATE TABLE public.cross_reference (
    dealer_id character varying NOT NULL,
    part character varying NOT NULL,
    kind character varying NOT NULL,
    brand character varying NOT NULL,
    number character varying NOT NULL,
    plain character varying NOT NULL COLLATE pg_catalog."C"
);
ALTER TABLE ONLY public.cross_reference FORCE ROW LEVEL SECURITY;
CREATE TABLE public.cycle_count (
    shop_id character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    cabinet character varying NOT NULL,
    bin integer NOT NULL,
    part character varying NOT NULL,
    feed_number bigint NOT NULL,
    made_by character varying NOT NULL,
    made_ms bigint NOT NULL,
    note character varying NOT NULL
);
ALTER TABLE ONLY public.cycle_count FORCE ROW LEVEL SECURITY;
CREATE TABLE public.dealer (
    id character varying NOT NULL,
    name character varying NOT NULL,
    closed_ms bigint NOT NULL
);
ALTER TABLE ONLY public.dealer FORCE ROW LEVEL SECURITY;
CREATE TABLE public.dealer_user (
    id integer NOT NULL,
    email character varying NOT NULL,
    name character varying NOT NULL,
    password_hash character varying NOT NULL
);
ALTER TABLE ONLY public.dealer_user FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.discrepancy FORCE ROW LEVEL SECURITY;
CREATE TABLE public.document (
    shop_id character varying NOT NULL,
    version bigint NOT NULL,
    dealer_id character varying NOT NULL,
    stored_ms bigint NOT NULL,
    body bytea NOT NULL
);
ALTER TABLE ONLY public.document FORCE ROW LEVEL SECURITY;
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
)
PARTITION BY HASH (shop_id);
CREATE TABLE public.event_00 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.event_01 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.event_02 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.event_03 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.event_04 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.event_05 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.event_06 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.event_07 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.event_08 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.event_09 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.event_10 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.event_11 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.event_12 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.event_13 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.event_14 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.event_15 (
    shop_id character varying CONSTRAINT event_shop_id_not_null NOT NULL,
    cabinet character varying CONSTRAINT event_cabinet_not_null NOT NULL,
    epoch character varying CONSTRAINT event_epoch_not_null NOT NULL,
    seq bigint CONSTRAINT event_seq_not_null NOT NULL,
    dealer_id character varying CONSTRAINT event_dealer_id_not_null NOT NULL,
    received_ms bigint CONSTRAINT event_received_ms_not_null NOT NULL,
    occurred_ms bigint CONSTRAINT event_occurred_ms_not_null NOT NULL,
    line character varying CONSTRAINT event_line_not_null NOT NULL,
    ingested_ms bigint CONSTRAINT event_ingested_ms_not_null NOT NULL
);
CREATE TABLE public.feed_answer (
    shop_id character varying NOT NULL,
    number bigint NOT NULL,
    dealer_id character varying NOT NULL,
    outcome character varying NOT NULL,
    why character varying NOT NULL,
    movement character varying NOT NULL,
    person character varying NOT NULL,
    expected bigint NOT NULL,
    counted bigint NOT NULL,
    answered_ms bigint NOT NULL,
    ingested_ms bigint NOT NULL
);
ALTER TABLE ONLY public.feed_answer FORCE ROW LEVEL SECURITY;
CREATE TABLE public.fitment (
    id integer NOT NULL,
    dealer_id character varying NOT NULL,
    part character varying NOT NULL,
    make character varying NOT NULL,
    model character varying NOT NULL,
    engine character varying NOT NULL,
    make_key character varying NOT NULL COLLATE pg_catalog."C",
    model_key character varying NOT NULL COLLATE pg_catalog."C",
    engine_key character varying NOT NULL COLLATE pg_catalog."C",
    from_year integer NOT NULL,
    to_year integer NOT NULL,
    base_vehicle integer NOT NULL,
    "position" character varying NOT NULL,
    quantity integer NOT NULL,
    note character varying NOT NULL
);
ALTER TABLE ONLY public.fitment FORCE ROW LEVEL SECURITY;
CREATE SEQUENCE public.fitment_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.fitment_id_seq OWNED BY public.fitment.id;
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
    disk_low boolean NOT NULL,
    document_refused character varying NOT NULL,
    uploads bigint NOT NULL,
    withdrawn_ms bigint NOT NULL
);
ALTER TABLE ONLY public.gateway FORCE ROW LEVEL SECURITY;
CREATE TABLE public.gateway_epoch (
    gateway_id character varying NOT NULL,
    epoch character varying NOT NULL,
    dealer_id character varying NOT NULL,
    through bigint NOT NULL,
    started_ms bigint NOT NULL,
    moved_ms bigint NOT NULL
);
ALTER TABLE ONLY public.gateway_epoch FORCE ROW LEVEL SECURITY;
CREATE TABLE public.import_run (
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    made_by integer,
    made_ms bigint NOT NULL,
    file_name character varying NOT NULL,
    kind character varying NOT NULL,
    state character varying NOT NULL,
    lines integer NOT NULL,
    accepted integer NOT NULL,
    refused integer NOT NULL,
    report character varying NOT NULL,
    body bytea NOT NULL,
    ended_ms bigint NOT NULL
);
ALTER TABLE ONLY public.import_run FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.ingest_quarantine FORCE ROW LEVEL SECURITY;
CREATE TABLE public.invitation (
    id integer NOT NULL,
    kind character varying NOT NULL,
    dealer_id character varying,
    email character varying NOT NULL,
    role character varying NOT NULL,
    shops character varying NOT NULL,
    brand character varying NOT NULL,
    code_sha256 bytea NOT NULL,
    made_by integer,
    made_ms bigint NOT NULL,
    expires_ms bigint NOT NULL,
    used_ms bigint NOT NULL,
    withdrawn_ms bigint NOT NULL
);
ALTER TABLE ONLY public.invitation FORCE ROW LEVEL SECURITY;
CREATE SEQUENCE public.invitation_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.invitation_id_seq OWNED BY public.invitation.id;
CREATE TABLE public.job (
    shop_id character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    title character varying NOT NULL,
    vehicle character varying NOT NULL,
    plate character varying NOT NULL,
    vin character varying NOT NULL,
    opened_ms bigint NOT NULL,
    opened_by character varying NOT NULL,
    closed_ms bigint NOT NULL,
    closed_by character varying NOT NULL,
    changed_ms bigint NOT NULL,
    source character varying NOT NULL
);
ALTER TABLE ONLY public.job FORCE ROW LEVEL SECURITY;
CREATE TABLE public.kiosk_job (
    shop_id character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    title character varying NOT NULL,
    plate character varying NOT NULL,
    vin character varying NOT NULL,
    km bigint NOT NULL,
    opened_by character varying NOT NULL,
    opened_ms bigint NOT NULL,
    ingested_ms bigint NOT NULL
);
ALTER TABLE ONLY public.kiosk_job FORCE ROW LEVEL SECURITY;
CREATE TABLE public.kiosk_job_end (
    shop_id character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    closed_by character varying NOT NULL,
    closed_ms bigint NOT NULL,
    ingested_ms bigint NOT NULL
);
ALTER TABLE ONLY public.kiosk_job_end FORCE ROW LEVEL SECURITY;
CREATE TABLE public.membership (
    id integer NOT NULL,
    user_id integer NOT NULL,
    dealer_id character varying,
    role character varying NOT NULL,
    shops character varying NOT NULL,
    brand character varying NOT NULL,
    made_ms bigint NOT NULL,
    ended_ms bigint NOT NULL
);
ALTER TABLE ONLY public.membership FORCE ROW LEVEL SECURITY;
CREATE SEQUENCE public.membership_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.membership_id_seq OWNED BY public.membership.id;
CREATE TABLE public.model_pattern (
    id integer NOT NULL,
    dealer_id character varying NOT NULL,
    wmi character varying NOT NULL,
    pattern character varying NOT NULL,
    make character varying NOT NULL,
    model character varying NOT NULL,
    engine character varying NOT NULL,
    from_year integer NOT NULL,
    to_year integer NOT NULL
);
ALTER TABLE ONLY public.model_pattern FORCE ROW LEVEL SECURITY;
CREATE SEQUENCE public.model_pattern_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.model_pattern_id_seq OWNED BY public.model_pattern.id;
CREATE TABLE public.month_total (
    dealer_id character varying NOT NULL,
    month character varying NOT NULL,
    brand character varying NOT NULL,
    part character varying NOT NULL,
    unit character varying NOT NULL,
    name_zh character varying NOT NULL,
    name_en character varying NOT NULL,
    quantity bigint NOT NULL,
    shops integer NOT NULL
);
ALTER TABLE ONLY public.month_total FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.movement FORCE ROW LEVEL SECURITY;
CREATE TABLE public.open_matter (
    shop_id character varying NOT NULL,
    kind character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    cabinet character varying NOT NULL,
    bin integer NOT NULL,
    part character varying NOT NULL,
    since_ms bigint NOT NULL
);
ALTER TABLE ONLY public.open_matter FORCE ROW LEVEL SECURITY;
CREATE TABLE public.part (
    dealer_id character varying NOT NULL,
    number character varying NOT NULL,
    plain character varying NOT NULL COLLATE pg_catalog."C",
    name_zh character varying NOT NULL,
    name_en character varying NOT NULL,
    brand character varying NOT NULL,
    category character varying NOT NULL,
    unit character varying NOT NULL,
    unit_mass_mg bigint NOT NULL,
    spread_mg bigint NOT NULL,
    pack_size integer NOT NULL,
    gtin character varying NOT NULL,
    image character varying NOT NULL,
    superseded_by character varying NOT NULL,
    withdrawn boolean NOT NULL,
    shelf_life_days integer NOT NULL,
    revision bigint NOT NULL
);
ALTER TABLE ONLY public.part FORCE ROW LEVEL SECURITY;
CREATE TABLE public.part_price (
    dealer_id character varying NOT NULL,
    part character varying NOT NULL,
    shop_id character varying NOT NULL,
    from_day character varying NOT NULL,
    price_minor bigint NOT NULL,
    currency character varying NOT NULL,
    tax_ppm bigint NOT NULL
);
ALTER TABLE ONLY public.part_price FORCE ROW LEVEL SECURITY;
CREATE TABLE public.planned_bin (
    shop_id character varying NOT NULL,
    cabinet character varying NOT NULL,
    bin integer NOT NULL,
    part character varying NOT NULL,
    dealer_id character varying NOT NULL,
    account character varying NOT NULL,
    capacity bigint NOT NULL,
    reorder_point bigint NOT NULL,
    order_up_to bigint NOT NULL
);
ALTER TABLE ONLY public.planned_bin FORCE ROW LEVEL SECURITY;
CREATE TABLE public.posting (
    shop_id character varying NOT NULL,
    movement_id character varying NOT NULL,
    line integer NOT NULL,
    dealer_id character varying NOT NULL,
    account character varying NOT NULL,
    part character varying NOT NULL,
    quantity bigint NOT NULL
);
ALTER TABLE ONLY public.posting FORCE ROW LEVEL SECURITY;
CREATE TABLE public.read_again (
    shop_id character varying NOT NULL,
    event character varying NOT NULL,
    dealer_id character varying NOT NULL,
    cabinet character varying NOT NULL,
    occurred_ms bigint NOT NULL,
    booked_ms bigint NOT NULL,
    ingested_ms bigint NOT NULL
);
ALTER TABLE ONLY public.read_again FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.request FORCE ROW LEVEL SECURITY;
CREATE TABLE public.request_end (
    shop_id character varying NOT NULL,
    request character varying NOT NULL,
    dealer_id character varying NOT NULL,
    how character varying NOT NULL,
    ended_ms bigint NOT NULL,
    ingested_ms bigint NOT NULL
);
ALTER TABLE ONLY public.request_end FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.resolution FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.rezero FORCE ROW LEVEL SECURITY;
CREATE TABLE public.schema_version (
    id integer NOT NULL,
    version integer NOT NULL
);
ALTER TABLE ONLY public.schema_version FORCE ROW LEVEL SECURITY;
CREATE TABLE public.search_part (
    dealer_id character varying NOT NULL,
    ordinal integer NOT NULL,
    part character varying NOT NULL,
    terms character varying NOT NULL
);
ALTER TABLE ONLY public.search_part FORCE ROW LEVEL SECURITY;
CREATE TABLE public.search_term (
    dealer_id character varying NOT NULL,
    term character varying NOT NULL COLLATE pg_catalog."C",
    block integer NOT NULL,
    count integer NOT NULL,
    ordinals bytea NOT NULL
);
ALTER TABLE ONLY public.search_term FORCE ROW LEVEL SECURITY;
CREATE TABLE public.service_interval (
    shop_id character varying NOT NULL,
    vehicle character varying NOT NULL,
    title character varying NOT NULL,
    dealer_id character varying NOT NULL,
    part character varying NOT NULL,
    every_km integer NOT NULL,
    every_months integer NOT NULL,
    last_km integer NOT NULL,
    last_ms bigint NOT NULL
);
ALTER TABLE ONLY public.service_interval FORCE ROW LEVEL SECURITY;
CREATE TABLE public.set_aside (
    shop_id character varying NOT NULL,
    event character varying NOT NULL,
    dealer_id character varying NOT NULL,
    cabinet character varying NOT NULL,
    why character varying NOT NULL,
    booked_ms bigint NOT NULL,
    ingested_ms bigint NOT NULL
);
ALTER TABLE ONLY public.set_aside FORCE ROW LEVEL SECURITY;
CREATE TABLE public.shop (
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    name character varying NOT NULL,
    document_version bigint NOT NULL,
    feed_number bigint NOT NULL,
    latitude_e6 integer,
    longitude_e6 integer,
    address character varying NOT NULL,
    names_days integer NOT NULL,
    time_zone character varying NOT NULL
);
ALTER TABLE ONLY public.shop FORCE ROW LEVEL SECURITY;
CREATE TABLE public.shop_dealer (
    shop_id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    is_host boolean NOT NULL,
    has_left boolean NOT NULL
);
ALTER TABLE ONLY public.shop_dealer FORCE ROW LEVEL SECURITY;
CREATE TABLE public.shop_feed (
    shop_id character varying NOT NULL,
    number bigint CONSTRAINT shop_feed_number_not_null1 NOT NULL,
    dealer_id character varying NOT NULL,
    kind character varying NOT NULL,
    body character varying NOT NULL,
    made_ms bigint NOT NULL
);
ALTER TABLE ONLY public.shop_feed FORCE ROW LEVEL SECURITY;
CREATE TABLE public.shop_person (
    shop_id character varying NOT NULL,
    person character varying NOT NULL,
    dealer_id character varying NOT NULL,
    left_ms bigint NOT NULL,
    forgotten_ms bigint NOT NULL
);
ALTER TABLE ONLY public.shop_person FORCE ROW LEVEL SECURITY;
CREATE TABLE public.shop_view (
    shop_id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    version bigint NOT NULL,
    body bytea NOT NULL
);
ALTER TABLE ONLY public.shop_view FORCE ROW LEVEL SECURITY;
CREATE TABLE public.sign_in (
    id character varying NOT NULL,
    dealer_id character varying,
    user_id integer NOT NULL,
    membership_id integer,
    started_ms bigint NOT NULL,
    expires_ms bigint NOT NULL,
    ended_ms bigint,
    last_seen_ms bigint NOT NULL,
    browser character varying NOT NULL,
    address character varying NOT NULL
);
ALTER TABLE ONLY public.sign_in FORCE ROW LEVEL SECURITY;
CREATE TABLE public.sign_in_attempts (
    key character varying NOT NULL,
    times_ms character varying NOT NULL,
    last_ms bigint NOT NULL,
    beside character varying NOT NULL
);
ALTER TABLE ONLY public.sign_in_attempts FORCE ROW LEVEL SECURITY;
CREATE TABLE public.statement (
    shop_id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    month character varying NOT NULL,
    closed_ms bigint NOT NULL,
    closed_by character varying NOT NULL,
    digest character varying NOT NULL,
    body character varying NOT NULL
);
ALTER TABLE ONLY public.statement FORCE ROW LEVEL SECURITY;
CREATE TABLE public.totals_month (
    dealer_id character varying NOT NULL,
    month character varying NOT NULL,
    published_ms bigint NOT NULL
);
ALTER TABLE ONLY public.totals_month FORCE ROW LEVEL SECURITY;
CREATE TABLE public.transfer (
    dealer_id character varying NOT NULL,
    id character varying NOT NULL,
    part character varying NOT NULL,
    quantity bigint NOT NULL,
    from_shop character varying NOT NULL,
    from_cabinet character varying NOT NULL,
    from_bin integer NOT NULL,
    to_shop character varying NOT NULL,
    to_cabinet character varying NOT NULL,
    to_bin integer NOT NULL,
    made_by character varying NOT NULL,
    made_ms bigint NOT NULL,
    ended_ms bigint NOT NULL,
    how character varying NOT NULL,
    note character varying NOT NULL
);
ALTER TABLE ONLY public.transfer FORCE ROW LEVEL SECURITY;
CREATE TABLE public.upload_batch (
    gateway_id character varying NOT NULL,
    epoch character varying NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    dealer_id character varying NOT NULL,
    digests bytea NOT NULL
);
ALTER TABLE ONLY public.upload_batch FORCE ROW LEVEL SECURITY;
CREATE TABLE public.vehicle (
    shop_id character varying NOT NULL,
    id character varying NOT NULL,
    dealer_id character varying NOT NULL,
    plate character varying NOT NULL,
    plain_plate character varying NOT NULL,
    vin character varying NOT NULL,
    make character varying NOT NULL,
    model character varying NOT NULL,
    engine character varying NOT NULL,
    year integer NOT NULL,
    owner character varying NOT NULL,
    note character varying NOT NULL,
    made_ms bigint NOT NULL,
    changed_ms bigint NOT NULL,
    merged_into character varying NOT NULL
);
ALTER TABLE ONLY public.vehicle FORCE ROW LEVEL SECURITY;
CREATE TABLE public.vehicle_change (
    shop_id character varying NOT NULL,
    vehicle character varying NOT NULL,
    number integer NOT NULL,
    dealer_id character varying NOT NULL,
    at_ms bigint NOT NULL,
    field character varying NOT NULL,
    before character varying NOT NULL,
    after character varying NOT NULL,
    plain_before character varying NOT NULL,
    told_by character varying NOT NULL
);
ALTER TABLE ONLY public.vehicle_change FORCE ROW LEVEL SECURITY;
CREATE TABLE public.vehicle_reading (
    shop_id character varying NOT NULL,
    vehicle character varying NOT NULL,
    at_ms bigint NOT NULL,
    dealer_id character varying NOT NULL,
    km integer NOT NULL,
    told_by character varying NOT NULL
);
ALTER TABLE ONLY public.vehicle_reading FORCE ROW LEVEL SECURITY;
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
ALTER TABLE ONLY public.verdict FORCE ROW LEVEL SECURITY;
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_00 FOR VALUES WITH (modulus 16, remainder 0);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_01 FOR VALUES WITH (modulus 16, remainder 1);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_02 FOR VALUES WITH (modulus 16, remainder 2);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_03 FOR VALUES WITH (modulus 16, remainder 3);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_04 FOR VALUES WITH (modulus 16, remainder 4);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_05 FOR VALUES WITH (modulus 16, remainder 5);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_06 FOR VALUES WITH (modulus 16, remainder 6);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_07 FOR VALUES WITH (modulus 16, remainder 7);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_08 FOR VALUES WITH (modulus 16, remainder 8);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_09 FOR VALUES WITH (modulus 16, remainder 9);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_10 FOR VALUES WITH (modulus 16, remainder 10);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_11 FOR VALUES WITH (modulus 16, remainder 11);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_12 FOR VALUES WITH (modulus 16, remainder 12);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_13 FOR VALUES WITH (modulus 16, remainder 13);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_14 FOR VALUES WITH (modulus 16, remainder 14);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_15 FOR VALUES WITH (modulus 16, remainder 15);
ALTER TABLE ONLY public.api_token ALTER COLUMN id SET DEFAULT nextval('public.api_token_id_seq'::regclass);
ALTER TABLE ONLY public.audit_entry ALTER COLUMN id SET DEFAULT nextval('public.audit_entry_id_seq'::regclass);
ALTER TABLE ONLY public.dealer_user ALTER COLUMN id SET DEFAULT nextval('public.dealer_user_id_seq'::regclass);
ALTER TABLE ONLY public.fitment ALTER COLUMN id SET DEFAULT nextval('public.fitment_id_seq'::regclass);
ALTER TABLE ONLY public.invitation ALTER COLUMN id SET DEFAULT nextval('public.invitation_id_seq'::regclass);
ALTER TABLE ONLY public.membership ALTER COLUMN id SET DEFAULT nextval('public.membership_id_seq'::regclass);
ALTER TABLE ONLY public.model_pattern ALTER COLUMN id SET DEFAULT nextval('public.model_pattern_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0004');
INSERT INTO public.audit_entry VALUES (1, 'north', 1794873600000, 1, 'li', 'transfer.proposed', 'transfer t-1', '', '2');
INSERT INTO public.balance VALUES ('shop-1', 'dealer:north', 'WK-1060', 'north', -20, 1794873600000);
INSERT INTO public.balance VALUES ('shop-9', 'bin:cab-1/1', 'WK-1060', 'south', 7, 1794873600000);
INSERT INTO public.balance VALUES ('shop-9', 'dealer:south', 'WK-1060', 'south', -7, 1794873600000);
INSERT INTO public.balance VALUES ('shop-1', 'bin:cab-1/1', 'WK-1060', 'north', 14, 1794873600000);
INSERT INTO public.balance VALUES ('shop-1', 'shop:shop-1', 'WK-1060', 'north', 6, 1794873600000);
INSERT INTO public.cabinet VALUES ('shop-1', 'cab-1', 'north', '一号柜', 'Cabinet 1');
INSERT INTO public.cabinet VALUES ('shop-1', 'cab-2', 'north', '二号柜', 'Cabinet 2');
INSERT INTO public.cabinet VALUES ('shop-2', 'cab-1', 'north', '一号柜', 'Cabinet 1');
INSERT INTO public.cabinet VALUES ('shop-2', 'cab-2', 'north', '二号柜', 'Cabinet 2');
INSERT INTO public.cabinet VALUES ('shop-9', 'cab-1', 'south', '一号柜', 'Cabinet 1');
INSERT INTO public.cabinet VALUES ('shop-9', 'cab-2', 'south', '二号柜', 'Cabinet 2');
INSERT INTO public.cabinet_session VALUES ('shop-1', 'cab-1/c0ffee00/1', 'north', 'cab-1', 'p-zhang', '04A1B2C3', 'badge', '', 1794873591000, 1794873600000, 1794873600005, 1794873602000);
INSERT INTO public.cabinet_status VALUES ('shop-1', 'cab-1', 'north', 1794873603000, 1794873600000, true, 0, 0, '0.1.0', 0, 0, 0, -1, false, 0);
INSERT INTO public.catalogue_revision VALUES ('north', 2);
INSERT INTO public.catalogue_revision VALUES ('south', 2);
INSERT INTO public.dealer VALUES ('north', 'North Parts', 0);
INSERT INTO public.dealer VALUES ('south', 'South Parts', 0);
INSERT INTO public.dealer_user VALUES (1, 'li@north.example', 'li', '$argon2id$v=19$m=65536,t=3,p=4$YgdvX+to2hxFT4Uha6bRgg$8tK5heaVKPDHsWBKnjKiSltP8Sz/2CXdJrfZQzQfQVM');
INSERT INTO public.dealer_user VALUES (2, 'wang@south.example', 'wang', '$argon2id$v=19$m=65536,t=3,p=4$I1dPJ0sP+P77ZdtEY4pHDw$DYcW6g98QyjFdcm1HCvBmJuj8AbTeSxOdoRzUNt0kwU');
INSERT INTO public.discrepancy VALUES ('shop-1', 'd1', 'north', 'cab-1', 1, 'WK-1060', '', 'not_a_part', 1794873600000, '312 g', 1794873602000);
INSERT INTO public.discrepancy VALUES ('shop-1', 'd2', 'north', 'cab-1', 1, 'WK-1060', '', 'not_a_part', 1794873600000, '312 g', 1794873602000);
INSERT INTO public.document VALUES ('shop-1', 1, 'north', 1794873600000, '\x7b2276657273696f6e223a312c2273686f70223a2273686f702d31222c2273686f705f6e616d65223a22e5ba972073686f702d31222c226465616c6572223a226e6f727468222c226465616c65725f6e616d65223a226e6f727468222c227061727473223a5b7b226e756d626572223a22574b2d31303630222c226e616d655f7a68223a22e69fb4e6b2b9e6bba4e6b885e599a8222c226e616d655f656e223a2244696573656c2066696c746572222c226272616e64223a225a46222c22756e69745f6d6173735f6d67223a3835303030302c227061636b5f73697a65223a362c2270726963655f6d696e6f72223a343530307d2c7b226e756d626572223a224d3132783430222c226e616d655f7a68223a22e89ebae6a093222c226e616d655f656e223a22426f6c74222c22756e6974223a226772616d227d5d2c22636162696e657473223a5b7b226964223a226361622d31222c226e616d655f7a68223a22e4b880e58fb7e69f9c222c226e616d655f656e223a22436162696e65742031222c2262696e73223a5b7b2262696e223a312c2270617274223a22574b2d31303630222c226361706163697479223a32342c2272656f726465725f706f696e74223a342c226f726465725f75705f746f223a32302c2263656c6c223a2263332d35306b67227d2c7b2262696e223a322c2270617274223a224d3132783430222c226361706163697479223a32303030302c2272656f726465725f706f696e74223a3530302c226f726465725f75705f746f223a31303030302c22646561645f62616e64223a32302c2263656c6c223a2263332d35306b67227d5d2c22646f6f7273223a317d2c7b226964223a226361622d32222c226e616d655f7a68223a22e4ba8ce58fb7e69f9c222c226e616d655f656e223a22436162696e65742032222c2262696e73223a5b7b2262696e223a317d5d2c22646f6f7273223a317d5d2c2270656f706c65223a5b7b226964223a22702d7a68616e67222c226e616d65223a22e5bca0e5b888e58285222c22726f6c65223a226d656368616e6963222c22626164676573223a5b223034413142324333225d7d5d2c226a6f6273223a5b7b226964223a226a2d31222c227469746c65223a22e4bf9de585bb222c22706c617465223a22e9b281423132333435222c2276696e223a22227d5d2c226163636573735f64617973223a33307d');
INSERT INTO public.document VALUES ('shop-2', 1, 'north', 1794873600000, '\x7b2276657273696f6e223a312c2273686f70223a2273686f702d32222c2273686f705f6e616d65223a22e5ba972073686f702d32222c226465616c6572223a226e6f727468222c226465616c65725f6e616d65223a226e6f727468222c227061727473223a5b7b226e756d626572223a22574b2d31303630222c226e616d655f7a68223a22e69fb4e6b2b9e6bba4e6b885e599a8222c226e616d655f656e223a2244696573656c2066696c746572222c226272616e64223a225a46222c22756e69745f6d6173735f6d67223a3835303030302c227061636b5f73697a65223a362c2270726963655f6d696e6f72223a343530307d2c7b226e756d626572223a224d3132783430222c226e616d655f7a68223a22e89ebae6a093222c226e616d655f656e223a22426f6c74222c22756e6974223a226772616d227d5d2c22636162696e657473223a5b7b226964223a226361622d31222c226e616d655f7a68223a22e4b880e58fb7e69f9c222c226e616d655f656e223a22436162696e65742031222c2262696e73223a5b7b2262696e223a312c2270617274223a22574b2d31303630222c226361706163697479223a32342c2272656f726465725f706f696e74223a342c226f726465725f75705f746f223a32302c2263656c6c223a2263332d35306b67227d2c7b2262696e223a322c2270617274223a224d3132783430222c226361706163697479223a32303030302c2272656f726465725f706f696e74223a3530302c226f726465725f75705f746f223a31303030302c22646561645f62616e64223a32302c2263656c6c223a2263332d35306b67227d5d2c22646f6f7273223a317d2c7b226964223a226361622d32222c226e616d655f7a68223a22e4ba8ce58fb7e69f9c222c226e616d655f656e223a22436162696e65742032222c2262696e73223a5b7b2262696e223a317d5d2c22646f6f7273223a317d5d2c2270656f706c65223a5b7b226964223a22702d7a68616e67222c226e616d65223a22e5bca0e5b888e58285222c22726f6c65223a226d656368616e6963222c22626164676573223a5b223034413142324333225d7d5d2c226a6f6273223a5b7b226964223a226a2d31222c227469746c65223a22e4bf9de585bb222c22706c617465223a22e9b281423132333435222c2276696e223a22227d5d2c226163636573735f64617973223a33307d');
INSERT INTO public.document VALUES ('shop-9', 1, 'south', 1794873600000, '\x7b2276657273696f6e223a312c2273686f70223a2273686f702d39222c2273686f705f6e616d65223a22e5ba972073686f702d39222c226465616c6572223a22736f757468222c226465616c65725f6e616d65223a22736f757468222c227061727473223a5b7b226e756d626572223a22574b2d31303630222c226e616d655f7a68223a22e69fb4e6b2b9e6bba4e6b885e599a8222c226e616d655f656e223a2244696573656c2066696c746572222c226272616e64223a225a46222c22756e69745f6d6173735f6d67223a3835303030302c227061636b5f73697a65223a362c2270726963655f6d696e6f72223a343530307d2c7b226e756d626572223a224d3132783430222c226e616d655f7a68223a22e89ebae6a093222c226e616d655f656e223a22426f6c74222c22756e6974223a226772616d227d5d2c22636162696e657473223a5b7b226964223a226361622d31222c226e616d655f7a68223a22e4b880e58fb7e69f9c222c226e616d655f656e223a22436162696e65742031222c2262696e73223a5b7b2262696e223a312c2270617274223a22574b2d31303630222c226361706163697479223a32342c2272656f726465725f706f696e74223a342c226f726465725f75705f746f223a32302c2263656c6c223a2263332d35306b67227d2c7b2262696e223a322c2270617274223a224d3132783430222c226361706163697479223a32303030302c2272656f726465725f706f696e74223a3530302c226f726465725f75705f746f223a31303030302c22646561645f62616e64223a32302c2263656c6c223a2263332d35306b67227d5d2c22646f6f7273223a317d2c7b226964223a226361622d32222c226e616d655f7a68223a22e4ba8ce58fb7e69f9c222c226e616d655f656e223a22436162696e65742032222c2262696e73223a5b7b2262696e223a317d5d2c22646f6f7273223a317d5d2c2270656f706c65223a5b7b226964223a22702d7a68616e67222c226e616d65223a22e5bca0e5b888e58285222c22726f6c65223a226d656368616e6963222c22626164676573223a5b223034413142324333225d7d5d2c226a6f6273223a5b7b226964223a226a2d31222c227469746c65223a22e4bf9de585bb222c22706c617465223a22e9b281423132333435222c2276696e223a22227d5d2c226163636573735f64617973223a33307d');
INSERT INTO public.document VALUES ('shop-1', 2, 'north', 1794873601000, '\x7b2276657273696f6e223a322c2273686f70223a2273686f702d31222c2273686f705f6e616d65223a22e5ba972073686f702d31222c226465616c6572223a226e6f727468222c226465616c65725f6e616d65223a226e6f727468222c227061727473223a5b7b226e756d626572223a22574b2d31303630222c226e616d655f7a68223a22e69fb4e6b2b9e6bba4e6b885e599a8222c226e616d655f656e223a2244696573656c2066696c746572222c226272616e64223a225a46222c22756e69745f6d6173735f6d67223a3835303030302c227061636b5f73697a65223a362c2270726963655f6d696e6f72223a343530307d2c7b226e756d626572223a224d3132783430222c226e616d655f7a68223a22e89ebae6a093222c226e616d655f656e223a22426f6c74222c22756e6974223a226772616d227d5d2c22636162696e657473223a5b7b226964223a226361622d31222c226e616d655f7a68223a22e4b880e58fb7e69f9c222c226e616d655f656e223a22436162696e65742031222c2262696e73223a5b7b2262696e223a312c2270617274223a22574b2d31303630222c226361706163697479223a32342c2272656f726465725f706f696e74223a342c226f726465725f75705f746f223a32302c2263656c6c223a2263332d35306b67227d2c7b2262696e223a322c2270617274223a224d3132783430222c226361706163697479223a32303030302c2272656f726465725f706f696e74223a3530302c226f726465725f75705f746f223a31303030302c22646561645f62616e64223a32302c2263656c6c223a2263332d35306b67227d5d2c22646f6f7273223a317d2c7b226964223a226361622d32222c226e616d655f7a68223a22e4ba8ce58fb7e69f9c222c226e616d655f656e223a22436162696e65742032222c2262696e73223a5b7b2262696e223a317d5d2c22646f6f7273223a317d5d2c2270656f706c65223a5b7b226964223a22702d7a68616e67222c226e616d65223a22e5bca0e5b888e58285222c22726f6c65223a226d656368616e6963222c22626164676573223a5b223034413142324333225d7d5d2c226a6f6273223a5b7b226964223a226a2d31222c227469746c65223a22e4bf9de585bb222c22706c617465223a22e9b281423132333435222c2276696e223a22227d2c7b226964223a226a2d32222c227469746c65223a22e68da2e6bba4e88aaf222c22706c617465223a22e9b281423534333231222c2276696e223a224c5a5a35434c5642384e41303030303031227d5d2c226163636573735f64617973223a33307d');
INSERT INTO public.event_02 VALUES ('shop-1', 'cab-1', 'c0ffee00', 1, 'north', 1794873600000, 1794873600000, '{"a":"\\u0000 \"扳手\""}', 1794873602000);
INSERT INTO public.event_02 VALUES ('shop-1', 'cab-1', 'c0ffee00', 2, 'north', 1794873600000, 1794873600000, '{"seq":2}', 1794873602000);
INSERT INTO public.event_02 VALUES ('shop-1', 'cab-1', 'c0ffee00', 7, 'north', 1794873600000, 1794873600000, '{"seq":7}', 1794873602000);
INSERT INTO public.event_08 VALUES ('shop-9', 'cab-1', 'c0ffee00', 1, 'south', 1794873600000, 1794873600000, '{"seq":1}', 1794873602000);
INSERT INTO public.feed_answer VALUES ('shop-1', 1794873600000, 'north', 'done', '', '', '', 3, 3, 1794873600000, 1794873600000);
INSERT INTO public.fitment VALUES (1, 'north', 'WK-1060', '解放', 'J6P', '', 'jiefang', 'J6P', '', 0, 0, 0, '', 0, '');
INSERT INTO public.gateway VALUES ('gw-2', 'north', 'shop-2', '\xcdf0c0e9c18206e459f3db8cf7942cc84acf14a1993c35b0bd91837ac2013ab1', 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, false, '', 0, 0);
INSERT INTO public.gateway VALUES ('gw-9', 'south', 'shop-9', '\xd09995d2361d34d8ea58d072af441ba33c0da86c80e1a764c3ed9ea83a1cfdca', 1794873602000, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, false, '', 0, 0);
INSERT INTO public.gateway VALUES ('gw-1', 'north', 'shop-1', '\xcd9718a1058d7e0919f462127145ec35c36e6d66805d12a54a7d38f44f9cbda4', 1794873600000, 3, 1, 2, 0, 0, 0, 0, 0, -1, -1, false, '', 1, 0);
INSERT INTO public.gateway_epoch VALUES ('gw-1', 'e1', 'north', 16, 1794873602000, 1794873602000);
INSERT INTO public.gateway_epoch VALUES ('gw-1', 'e2', 'north', 1, 1794873602000, 1794873602000);
INSERT INTO public.gateway_epoch VALUES ('gw-9', 'e1', 'south', 2, 1794873602000, 1794873602000);
INSERT INTO public.gateway_epoch VALUES ('gw-1', 'e4', 'north', 1, 1794873600000, 1794873600000);
INSERT INTO public.ingest_quarantine VALUES ('gw-1', 'e1', 2, '\x30d1bae5f467bb3ce16b5a6a96675020', 'north', 'shop-1', 1794873602000, 'expected the content that was received under this number before, found another', '\x7b226b696e64223a226576656e74222c22636162696e6574223a226361622d31222c2265706f6368223a226330666665653030222c22736571223a392c2272656365697665645f6d73223a313739343837333630303030302c226f636375727265645f6d73223a313739343837333630303030302c226c696e65223a227b5c227365715c223a397d227d');
INSERT INTO public.job VALUES ('shop-1', 'j-1', 'north', '保养', '', '鲁B12345', '', 1794873600000, '', 0, '', 0, 'document');
INSERT INTO public.job VALUES ('shop-1', 'j-2', 'north', '换滤芯', '', '鲁B54321', 'LZZ5CLVB8NA000001', 1794873601000, '', 0, '', 0, 'document');
INSERT INTO public.job VALUES ('shop-2', 'j-1', 'north', '保养', '', '鲁B12345', '', 1794873600000, '', 0, '', 0, 'document');
INSERT INTO public.job VALUES ('shop-9', 'j-1', 'south', '保养', '', '鲁B12345', '', 1794873600000, '', 0, '', 0, 'document');
INSERT INTO public.membership VALUES (1, 1, 'north', 'admin', '', '', 0, 0);
INSERT INTO public.membership VALUES (2, 2, 'south', 'admin', '', '', 0, 0);
INSERT INTO public.movement VALUES ('shop-1', 'm1', 'north', 'opening', 'cab-1', '', 'p-zhang', '', 1794873600000, 1794873600000, 999000, '', '', 1794873602000);
INSERT INTO public.movement VALUES ('shop-1', 'm2', 'north', 'take', 'cab-1', 'cab-1/c0ffee00/1', 'p-zhang', '', 1794873600000, 1794873600000, 999000, '', '', 1794873602000);
INSERT INTO public.movement VALUES ('shop-1', 'm3', 'north', 'take', 'cab-1', '', 'p-zhang', '', 1794873600000, 1794873600000, 999000, '', '', 1794873602000);
INSERT INTO public.movement VALUES ('shop-9', 'm1', 'south', 'opening', 'cab-1', '', 'p-zhang', '', 1794873600000, 1794873600000, 999000, '', '', 1794873602000);
INSERT INTO public.movement VALUES ('shop-1', 'taken-4', 'north', 'take', 'cab-1', '', 'p-zhang', '', 1794873600000, 1794873600000, 999000, '', '', 1794873600000);
INSERT INTO public.open_matter VALUES ('shop-1', 'discrepancy', 'd2', 'north', 'cab-1', 1, 'WK-1060', 1794873600000);
INSERT INTO public.open_matter VALUES ('shop-1', 'request', 'r2', 'north', 'cab-1', 1, 'WK-1060', 1794873600000);
INSERT INTO public.part VALUES ('north', 'WK-1060', 'WK1060', '柴油滤清器', 'Diesel filter', 'ZF', '', 'piece', 850000, 0, 6, '', '', '', false, 0, 1);
INSERT INTO public.part VALUES ('north', 'M12x40', 'M12X40', '螺栓', 'Bolt', '', '', 'gram', 0, 0, 1, '', '', '', false, 0, 2);
INSERT INTO public.part VALUES ('south', 'WK-1060', 'WK1060', '柴油滤清器', 'Diesel filter', 'ZF', '', 'piece', 850000, 0, 6, '', '', '', false, 0, 1);
INSERT INTO public.part VALUES ('south', 'M12x40', 'M12X40', '螺栓', 'Bolt', '', '', 'gram', 0, 0, 1, '', '', '', false, 0, 2);
INSERT INTO public.part_price VALUES ('north', 'WK-1060', '', '2026-11-17', 4500, 'CNY', 0);
INSERT INTO public.part_price VALUES ('south', 'WK-1060', '', '2026-11-17', 4500, 'CNY', 0);
INSERT INTO public.planned_bin VALUES ('shop-2', 'cab-1', 1, 'WK-1060', 'north', 'bin:cab-1/1', 24, 4, 20);
INSERT INTO public.planned_bin VALUES ('shop-2', 'cab-1', 2, 'M12x40', 'north', 'bin:cab-1/2', 20000, 500, 10000);
INSERT INTO public.planned_bin VALUES ('shop-9', 'cab-1', 1, 'WK-1060', 'south', 'bin:cab-1/1', 24, 4, 20);
INSERT INTO public.planned_bin VALUES ('shop-9', 'cab-1', 2, 'M12x40', 'south', 'bin:cab-1/2', 20000, 500, 10000);
INSERT INTO public.planned_bin VALUES ('shop-1', 'cab-1', 1, 'WK-1060', 'north', 'bin:cab-1/1', 24, 4, 20);
INSERT INTO public.planned_bin VALUES ('shop-1', 'cab-1', 2, 'M12x40', 'north', 'bin:cab-1/2', 20000, 500, 10000);
INSERT INTO public.posting VALUES ('shop-1', 'm1', 0, 'north', 'dealer:north', 'WK-1060', -20);
INSERT INTO public.posting VALUES ('shop-1', 'm1', 1, 'north', 'bin:cab-1/1', 'WK-1060', 20);
INSERT INTO public.posting VALUES ('shop-1', 'm2', 0, 'north', 'bin:cab-1/1', 'WK-1060', -3);
INSERT INTO public.posting VALUES ('shop-1', 'm2', 1, 'north', 'shop:shop-1', 'WK-1060', 3);
INSERT INTO public.posting VALUES ('shop-1', 'm3', 0, 'north', 'bin:cab-1/1', 'WK-1060', -2);
INSERT INTO public.posting VALUES ('shop-1', 'm3', 1, 'north', 'shop:shop-1', 'WK-1060', 2);
INSERT INTO public.posting VALUES ('shop-9', 'm1', 0, 'south', 'dealer:south', 'WK-1060', -7);
INSERT INTO public.posting VALUES ('shop-9', 'm1', 1, 'south', 'bin:cab-1/1', 'WK-1060', 7);
INSERT INTO public.posting VALUES ('shop-1', 'taken-4', 0, 'north', 'bin:cab-1/1', 'WK-1060', -1);
INSERT INTO public.posting VALUES ('shop-1', 'taken-4', 1, 'north', 'shop:shop-1', 'WK-1060', 1);
INSERT INTO public.read_again VALUES ('shop-1', 'cab-1/c0ffee00/1', 'north', 'cab-1', 1794873600000, 1794877200000, 1794873602000);
INSERT INTO public.request VALUES ('shop-1', 'r1', 'north', 'cab-1', 1, 'WK-1060', 15, 4, 1794873600000, 1794873602000);
INSERT INTO public.request VALUES ('shop-1', 'r2', 'north', 'cab-1', 1, 'WK-1060', 15, 4, 1794873600000, 1794873602000);
INSERT INTO public.request_end VALUES ('shop-1', 'r1', 'north', 'filled', 1794873600001, 1794873602000);
INSERT INTO public.resolution VALUES ('shop-1', 'd1', 'north', 'p-zhang', '扳手', '', 1794873600001, 1794873602000);
INSERT INTO public.rezero VALUES ('shop-1', 'z1', 'north', 'cab-1', 1, 'cab-1/c0ffee00/3', 6000000, 6001200, 1200, 1794873600000, 1794873602000);
INSERT INTO public.schema_version VALUES (1, 4);
INSERT INTO public.search_part VALUES ('north', 0, 'M12x40', '=bolt bolt 栓 螺 螺栓');
INSERT INTO public.search_part VALUES ('north', 1, 'WK-1060', '=diesel_filter =filter diesel filter zf 器 柴 柴油 油 油滤 清 清器 滤 滤清');
INSERT INTO public.search_part VALUES ('south', 0, 'M12x40', '=bolt bolt 栓 螺 螺栓');
INSERT INTO public.search_part VALUES ('south', 1, 'WK-1060', '=diesel_filter =filter diesel filter zf 器 柴 柴油 油 油滤 清 清器 滤 滤清');
INSERT INTO public.search_term VALUES ('north', '=bolt', 0, 1, '\x0000');
INSERT INTO public.search_term VALUES ('north', '=diesel_filter', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('north', '=filter', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('north', 'bolt', 0, 1, '\x0000');
INSERT INTO public.search_term VALUES ('north', 'diesel', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('north', 'filter', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('north', 'zf', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('north', '器', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('north', '柴', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('north', '柴油', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('north', '栓', 0, 1, '\x0000');
INSERT INTO public.search_term VALUES ('north', '油', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('north', '油滤', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('north', '清', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('north', '清器', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('north', '滤', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('north', '滤清', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('north', '螺', 0, 1, '\x0000');
INSERT INTO public.search_term VALUES ('north', '螺栓', 0, 1, '\x0000');
INSERT INTO public.search_term VALUES ('south', '=bolt', 0, 1, '\x0000');
INSERT INTO public.search_term VALUES ('south', '=diesel_filter', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('south', '=filter', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('south', 'bolt', 0, 1, '\x0000');
INSERT INTO public.search_term VALUES ('south', 'diesel', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('south', 'filter', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('south', 'zf', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('south', '器', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('south', '柴', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('south', '柴油', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('south', '栓', 0, 1, '\x0000');
INSERT INTO public.search_term VALUES ('south', '油', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('south', '油滤', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('south', '清', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('south', '清器', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('south', '滤', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('south', '滤清', 0, 1, '\x0100');
INSERT INTO public.search_term VALUES ('south', '螺', 0, 1, '\x0000');
INSERT INTO public.search_term VALUES ('south', '螺栓', 0, 1, '\x0000');
INSERT INTO public.set_aside VALUES ('shop-1', 'cab-1/c0ffee00/1', 'north', 'cab-1', 'expected a known kind, found ''bin_cleaned''', 1794873600000, 1794873602000);
INSERT INTO public.shop VALUES ('shop-2', 'north', '店 shop-2', 1, 0, NULL, NULL, '', 730, 'Asia/Shanghai');
INSERT INTO public.shop VALUES ('shop-9', 'south', '店 shop-9', 1, 0, NULL, NULL, '', 730, 'Asia/Shanghai');
INSERT INTO public.shop VALUES ('shop-1', 'north', '店 shop-1', 2, 1794873600000, NULL, NULL, '', 730, 'Asia/Shanghai');
INSERT INTO public.shop_dealer VALUES ('shop-2', 'north', true, false);
INSERT INTO public.shop_dealer VALUES ('shop-9', 'south', true, false);
INSERT INTO public.shop_dealer VALUES ('shop-1', 'north', true, false);
INSERT INTO public.shop_feed VALUES ('shop-1', 1794873600000, 'north', 'count', '{"kind":"count","cabinet":"cab-1","bin":1,"part":"WK-1060","by":"li"}', 1794873600000);
INSERT INTO public.shop_view VALUES ('shop-2', 'north', 1, '\x7b2276657273696f6e223a312c2273686f70223a2273686f702d32222c2273686f705f6e616d65223a22e5ba972073686f702d32222c226465616c6572223a226e6f727468222c226465616c65725f6e616d65223a224e6f727468205061727473222c227061727473223a5b7b226e756d626572223a22574b2d31303630222c226e616d655f7a68223a22e69fb4e6b2b9e6bba4e6b885e599a8222c226e616d655f656e223a2244696573656c2066696c746572222c226272616e64223a225a46222c22756e69745f6d6173735f6d67223a3835303030302c227061636b5f73697a65223a362c2270726963655f6d696e6f72223a343530307d2c7b226e756d626572223a224d3132783430222c226e616d655f7a68223a22e89ebae6a093222c226e616d655f656e223a22426f6c74222c22756e6974223a226772616d227d5d2c22636162696e657473223a5b7b226964223a226361622d31222c226e616d655f7a68223a22e4b880e58fb7e69f9c222c226e616d655f656e223a22436162696e65742031222c2262696e73223a5b7b2262696e223a312c2270617274223a22574b2d31303630222c226361706163697479223a32342c2272656f726465725f706f696e74223a342c226f726465725f75705f746f223a32302c2263656c6c223a2263332d35306b67227d2c7b2262696e223a322c2270617274223a224d3132783430222c226361706163697479223a32303030302c2272656f726465725f706f696e74223a3530302c226f726465725f75705f746f223a31303030302c22646561645f62616e64223a32302c2263656c6c223a2263332d35306b67227d5d2c22646f6f7273223a317d2c7b226964223a226361622d32222c226e616d655f7a68223a22e4ba8ce58fb7e69f9c222c226e616d655f656e223a22436162696e65742032222c2262696e73223a5b7b2262696e223a317d5d2c22646f6f7273223a317d5d2c2270656f706c65223a5b7b226964223a22702d7a68616e67222c226e616d65223a22e5bca0e5b888e58285222c22726f6c65223a226d656368616e6963222c22626164676573223a5b223034413142324333225d7d5d2c226a6f6273223a5b7b226964223a226a2d31222c227469746c65223a22e4bf9de585bb222c22706c617465223a22e9b281423132333435222c2276696e223a22227d5d2c226163636573735f64617973223a33307d');
INSERT INTO public.shop_view VALUES ('shop-9', 'south', 1, '\x7b2276657273696f6e223a312c2273686f70223a2273686f702d39222c2273686f705f6e616d65223a22e5ba972073686f702d39222c226465616c6572223a22736f757468222c226465616c65725f6e616d65223a22536f757468205061727473222c227061727473223a5b7b226e756d626572223a22574b2d31303630222c226e616d655f7a68223a22e69fb4e6b2b9e6bba4e6b885e599a8222c226e616d655f656e223a2244696573656c2066696c746572222c226272616e64223a225a46222c22756e69745f6d6173735f6d67223a3835303030302c227061636b5f73697a65223a362c2270726963655f6d696e6f72223a343530307d2c7b226e756d626572223a224d3132783430222c226e616d655f7a68223a22e89ebae6a093222c226e616d655f656e223a22426f6c74222c22756e6974223a226772616d227d5d2c22636162696e657473223a5b7b226964223a226361622d31222c226e616d655f7a68223a22e4b880e58fb7e69f9c222c226e616d655f656e223a22436162696e65742031222c2262696e73223a5b7b2262696e223a312c2270617274223a22574b2d31303630222c226361706163697479223a32342c2272656f726465725f706f696e74223a342c226f726465725f75705f746f223a32302c2263656c6c223a2263332d35306b67227d2c7b2262696e223a322c2270617274223a224d3132783430222c226361706163697479223a32303030302c2272656f726465725f706f696e74223a3530302c226f726465725f75705f746f223a31303030302c22646561645f62616e64223a32302c2263656c6c223a2263332d35306b67227d5d2c22646f6f7273223a317d2c7b226964223a226361622d32222c226e616d655f7a68223a22e4ba8ce58fb7e69f9c222c226e616d655f656e223a22436162696e65742032222c2262696e73223a5b7b2262696e223a317d5d2c22646f6f7273223a317d5d2c2270656f706c65223a5b7b226964223a22702d7a68616e67222c226e616d65223a22e5bca0e5b888e58285222c22726f6c65223a226d656368616e6963222c22626164676573223a5b223034413142324333225d7d5d2c226a6f6273223a5b7b226964223a226a2d31222c227469746c65223a22e4bf9de585bb222c22706c617465223a22e9b281423132333435222c2276696e223a22227d5d2c226163636573735f64617973223a33307d');
INSERT INTO public.shop_view VALUES ('shop-1', 'north', 2, '\x7b2276657273696f6e223a322c2273686f70223a2273686f702d31222c2273686f705f6e616d65223a22e5ba972073686f702d31222c226465616c6572223a226e6f727468222c226465616c65725f6e616d65223a224e6f727468205061727473222c227061727473223a5b7b226e756d626572223a22574b2d31303630222c226e616d655f7a68223a22e69fb4e6b2b9e6bba4e6b885e599a8222c226e616d655f656e223a2244696573656c2066696c746572222c226272616e64223a225a46222c22756e69745f6d6173735f6d67223a3835303030302c227061636b5f73697a65223a362c2270726963655f6d696e6f72223a343530307d2c7b226e756d626572223a224d3132783430222c226e616d655f7a68223a22e89ebae6a093222c226e616d655f656e223a22426f6c74222c22756e6974223a226772616d227d5d2c22636162696e657473223a5b7b226964223a226361622d31222c226e616d655f7a68223a22e4b880e58fb7e69f9c222c226e616d655f656e223a22436162696e65742031222c2262696e73223a5b7b2262696e223a312c2270617274223a22574b2d31303630222c226361706163697479223a32342c2272656f726465725f706f696e74223a342c226f726465725f75705f746f223a32302c2263656c6c223a2263332d35306b67227d2c7b2262696e223a322c2270617274223a224d3132783430222c226361706163697479223a32303030302c2272656f726465725f706f696e74223a3530302c226f726465725f75705f746f223a31303030302c22646561645f62616e64223a32302c2263656c6c223a2263332d35306b67227d5d2c22646f6f7273223a317d2c7b226964223a226361622d32222c226e616d655f7a68223a22e4ba8ce58fb7e69f9c222c226e616d655f656e223a22436162696e65742032222c2262696e73223a5b7b2262696e223a317d5d2c22646f6f7273223a317d5d2c2270656f706c65223a5b7b226964223a22702d7a68616e67222c226e616d65223a22e5bca0e5b888e58285222c22726f6c65223a226d656368616e6963222c22626164676573223a5b223034413142324333225d7d5d2c226a6f6273223a5b7b226964223a226a2d31222c227469746c65223a22e4bf9de585bb222c22706c617465223a22e9b281423132333435222c2276696e223a22227d2c7b226964223a226a2d32222c227469746c65223a22e68da2e6bba4e88aaf222c22706c617465223a22e9b281423534333231222c2276696e223a224c5a5a35434c5642384e41303030303031227d5d2c226163636573735f64617973223a33307d');
INSERT INTO public.sign_in VALUES ('2Yp_r6fSJbmR52s3qRprBVAp9x5GLrmN', 'north', 1, 1, 1794873600000, 1795478400000, NULL, 0, '', '');
INSERT INTO public.sign_in VALUES ('d6HWCM6A_AxQ5KkSM03pvPvgn6UHwRp7', 'south', 2, 2, 1794873600000, 1795478400000, 1794873600000, 0, '', '');
INSERT INTO public.transfer VALUES ('north', 't-1', 'WK-1060', 2, 'shop-1', 'cab-1', 1, 'shop-2', 'cab-1', 1, 'li', 1794873600000, 0, '', '');
INSERT INTO public.upload_batch VALUES ('gw-1', 'e1', 1, 16, 'north', '\x9904528e8da17a43ebd332eef42bd48e172729d3951232056440a007b6148d4ccce1fede5451e82501924ee0e7a14bb59e0877ffa3abd858e74533b0d79e51bff2d709b42a20d135bb2725aeb8331b22c0546c30f2aacff31aff45951928d2c6ed699abdae83210465dc2ce9505151448e9434270f2962638238e5a6f510a0f5fe84509f57a896cb76a5dc4155bd8ae1b3906cbc5abc4cc671e6f062285238c77b0db457b632661d334d0f13f93eea222db78f34b67c8b18dd402f2adb36ccd1c82d909b81e88432e241fe5f55ef5c8cd97b626af1007fbb1e2e5ce853e12a357ff0ecefba34ff5e0314023f70307c9095183546bef9aed0d31667100e48f957');
INSERT INTO public.upload_batch VALUES ('gw-1', 'e2', 1, 1, 'north', '\x2267fecbfadd8398744565c68d0bf8fd');
INSERT INTO public.upload_batch VALUES ('gw-9', 'e1', 1, 2, 'south', '\x3f80c495d42493ab5efc676fb5a4810e2e2fb2ed7e19683f9c162ec3ac17ba0c');
INSERT INTO public.upload_batch VALUES ('gw-1', 'e4', 1, 1, 'north', '\x47a468ca989e997d3662ba76627e8e4c');
INSERT INTO public.vehicle VALUES ('shop-1', 'v-1', 'north', '鲁B12345', '鲁B12345', 'LFWSRXSJ8M1F12345', '解放', 'J6P', '', 2021, '', '', 1794873600000, 0, '');
INSERT INTO public.vehicle_reading VALUES ('shop-1', 'v-1', 1794873600000, 'north', 120000, '');
INSERT INTO public.verdict VALUES ('shop-1', 'v1', 'north', 'cab-1', 'cab-1/c0ffee00/2', 1, 1, 'cab-1/c0ffee00/4', 1794873600000, 998000, '[[["WK-1060",-2]],0]', '[[[["WK-1060",-2]],0,998000],[[["WK-1060",-1]],0,2000]]', '[[0,6000000,150],[4000,5400000,160],[9000,4800000,150]]', '[[1,[["WK-1060",-1]],0,-600000,220],[2,[["WK-1060",-1]],0,-600000,220]]', '[]', '{}', 1, 1794873602000);
SELECT pg_catalog.setval('public.api_token_id_seq', 1, false);
SELECT pg_catalog.setval('public.audit_entry_id_seq', 1, true);
SELECT pg_catalog.setval('public.dealer_user_id_seq', 2, true);
SELECT pg_catalog.setval('public.fitment_id_seq', 1, true);
SELECT pg_catalog.setval('public.invitation_id_seq', 1, false);
SELECT pg_catalog.setval('public.membership_id_seq', 2, true);
SELECT pg_catalog.setval('public.model_pattern_id_seq', 1, false);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_token_sha256_key UNIQUE (token_sha256);
ALTER TABLE ONLY public.as_sent
    ADD CONSTRAINT as_sent_pkey PRIMARY KEY (shop_id, kind, id);
ALTER TABLE ONLY public.audit_entry
    ADD CONSTRAINT audit_entry_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.balance
    ADD CONSTRAINT balance_pkey PRIMARY KEY (shop_id, account, part, dealer_id);
ALTER TABLE ONLY public.billed_line
    ADD CONSTRAINT billed_line_pkey PRIMARY KEY (shop_id, dealer_id, ref);
ALTER TABLE ONLY public.bot_hook
    ADD CONSTRAINT bot_hook_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.cabinet
    ADD CONSTRAINT cabinet_pkey PRIMARY KEY (shop_id, id);
ALTER TABLE ONLY public.cabinet_session
    ADD CONSTRAINT cabinet_session_pkey PRIMARY KEY (shop_id, id, dealer_id);
ALTER TABLE ONLY public.cabinet_status
    ADD CONSTRAINT cabinet_status_pkey PRIMARY KEY (shop_id, cabinet);
ALTER TABLE ONLY public.catalogue_revision
    ADD CONSTRAINT catalogue_revision_pkey PRIMARY KEY (dealer_id);
ALTER TABLE ONLY public.claim
    ADD CONSTRAINT claim_pkey PRIMARY KEY (shop_id, id);
ALTER TABLE ONLY public.claim_step
    ADD CONSTRAINT claim_step_pkey PRIMARY KEY (shop_id, claim, number);
ALTER TABLE ONLY public.cross_reference
    ADD CONSTRAINT cross_reference_pkey PRIMARY KEY (dealer_id, part, kind, brand, number);
ALTER TABLE ONLY public.cycle_count
    ADD CONSTRAINT cycle_count_pkey PRIMARY KEY (shop_id, id);
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
ALTER TABLE ONLY public.event_00
    ADD CONSTRAINT event_00_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.event_01
    ADD CONSTRAINT event_01_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.event_02
    ADD CONSTRAINT event_02_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.event_03
    ADD CONSTRAINT event_03_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.event_04
    ADD CONSTRAINT event_04_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.event_05
    ADD CONSTRAINT event_05_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.event_06
    ADD CONSTRAINT event_06_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.event_07
    ADD CONSTRAINT event_07_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.event_08
    ADD CONSTRAINT event_08_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.event_09
    ADD CONSTRAINT event_09_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.event_10
    ADD CONSTRAINT event_10_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.event_11
    ADD CONSTRAINT event_11_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.event_12
    ADD CONSTRAINT event_12_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.event_13
    ADD CONSTRAINT event_13_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.event_14
    ADD CONSTRAINT event_14_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.event_15
    ADD CONSTRAINT event_15_pkey PRIMARY KEY (shop_id, cabinet, epoch, seq);
ALTER TABLE ONLY public.feed_answer
    ADD CONSTRAINT feed_answer_pkey PRIMARY KEY (shop_id, number);
ALTER TABLE ONLY public.fitment
    ADD CONSTRAINT fitment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.gateway_epoch
    ADD CONSTRAINT gateway_epoch_pkey PRIMARY KEY (gateway_id, epoch);
ALTER TABLE ONLY public.gateway
    ADD CONSTRAINT gateway_key_sha256_key UNIQUE (key_sha256);
ALTER TABLE ONLY public.gateway
    ADD CONSTRAINT gateway_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.import_run
    ADD CONSTRAINT import_run_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ingest_quarantine
    ADD CONSTRAINT ingest_quarantine_pkey PRIMARY KEY (gateway_id, epoch, seq, digest);
ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT invitation_code_sha256_key UNIQUE (code_sha256);
ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT invitation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (shop_id, id);
ALTER TABLE ONLY public.kiosk_job_end
    ADD CONSTRAINT kiosk_job_end_pkey PRIMARY KEY (shop_id, id);
ALTER TABLE ONLY public.kiosk_job
    ADD CONSTRAINT kiosk_job_pkey PRIMARY KEY (shop_id, id);
ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.model_pattern
    ADD CONSTRAINT model_pattern_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.month_total
    ADD CONSTRAINT month_total_pkey PRIMARY KEY (dealer_id, month, brand, part, unit);
ALTER TABLE ONLY public.movement
    ADD CONSTRAINT movement_pkey PRIMARY KEY (shop_id, id, dealer_id);
ALTER TABLE ONLY public.open_matter
    ADD CONSTRAINT open_matter_pkey PRIMARY KEY (shop_id, kind, id);
ALTER TABLE ONLY public.part
    ADD CONSTRAINT part_pkey PRIMARY KEY (dealer_id, number);
ALTER TABLE ONLY public.part_price
    ADD CONSTRAINT part_price_pkey PRIMARY KEY (dealer_id, part, shop_id, from_day);
ALTER TABLE ONLY public.planned_bin
    ADD CONSTRAINT planned_bin_pkey PRIMARY KEY (shop_id, cabinet, bin, part);
ALTER TABLE ONLY public.posting
    ADD CONSTRAINT posting_pkey PRIMARY KEY (shop_id, movement_id, line, dealer_id);
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
ALTER TABLE ONLY public.search_part
    ADD CONSTRAINT search_part_pkey PRIMARY KEY (dealer_id, ordinal);
ALTER TABLE ONLY public.search_term
    ADD CONSTRAINT search_term_pkey PRIMARY KEY (dealer_id, term, block);
ALTER TABLE ONLY public.service_interval
    ADD CONSTRAINT service_interval_pkey PRIMARY KEY (shop_id, vehicle, title);
ALTER TABLE ONLY public.set_aside
    ADD CONSTRAINT set_aside_pkey PRIMARY KEY (shop_id, event);
ALTER TABLE ONLY public.shop_dealer
    ADD CONSTRAINT shop_dealer_pkey PRIMARY KEY (shop_id, dealer_id);
ALTER TABLE ONLY public.shop_feed
    ADD CONSTRAINT shop_feed_pkey PRIMARY KEY (shop_id, number);
ALTER TABLE ONLY public.shop_person
    ADD CONSTRAINT shop_person_pkey PRIMARY KEY (shop_id, person);
ALTER TABLE ONLY public.shop
    ADD CONSTRAINT shop_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shop_view
    ADD CONSTRAINT shop_view_pkey PRIMARY KEY (shop_id, dealer_id);
ALTER TABLE ONLY public.sign_in_attempts
    ADD CONSTRAINT sign_in_attempts_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.sign_in
    ADD CONSTRAINT sign_in_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.statement
    ADD CONSTRAINT statement_pkey PRIMARY KEY (shop_id, dealer_id, month);
ALTER TABLE ONLY public.totals_month
    ADD CONSTRAINT totals_month_pkey PRIMARY KEY (dealer_id, month);
ALTER TABLE ONLY public.transfer
    ADD CONSTRAINT transfer_pkey PRIMARY KEY (dealer_id, id);
ALTER TABLE ONLY public.upload_batch
    ADD CONSTRAINT upload_batch_pkey PRIMARY KEY (gateway_id, epoch, first);
ALTER TABLE ONLY public.vehicle_change
    ADD CONSTRAINT vehicle_change_pkey PRIMARY KEY (shop_id, vehicle, number);
ALTER TABLE ONLY public.vehicle
    ADD CONSTRAINT vehicle_pkey PRIMARY KEY (shop_id, id);
ALTER TABLE ONLY public.vehicle_reading
    ADD CONSTRAINT vehicle_reading_pkey PRIMARY KEY (shop_id, vehicle, at_ms);
ALTER TABLE ONLY public.verdict
    ADD CONSTRAINT verdict_pkey PRIMARY KEY (shop_id, id);
CREATE INDEX audit_by_time ON public.audit_entry USING btree (dealer_id, at_ms);
CREATE INDEX balance_by_part ON public.balance USING btree (dealer_id, part) WHERE (substr((account)::text, 1, 4) = 'bin:'::text);
CREATE INDEX billed_by_price ON public.billed_line USING btree (dealer_id, part, price_day);
CREATE INDEX claim_by_movement ON public.claim USING btree (shop_id, movement);
CREATE INDEX count_by_time ON public.cycle_count USING btree (dealer_id, made_ms);
CREATE INDEX cross_reference_by_number ON public.cross_reference USING btree (dealer_id, plain);
CREATE INDEX event_by_time ON ONLY public.event USING btree (shop_id, occurred_ms);
CREATE INDEX event_00_shop_id_occurred_ms_idx ON public.event_00 USING btree (shop_id, occurred_ms);
CREATE INDEX event_01_shop_id_occurred_ms_idx ON public.event_01 USING btree (shop_id, occurred_ms);
CREATE INDEX event_02_shop_id_occurred_ms_idx ON public.event_02 USING btree (shop_id, occurred_ms);
CREATE INDEX event_03_shop_id_occurred_ms_idx ON public.event_03 USING btree (shop_id, occurred_ms);
CREATE INDEX event_04_shop_id_occurred_ms_idx ON public.event_04 USING btree (shop_id, occurred_ms);
CREATE INDEX event_05_shop_id_occurred_ms_idx ON public.event_05 USING btree (shop_id, occurred_ms);
CREATE INDEX event_06_shop_id_occurred_ms_idx ON public.event_06 USING btree (shop_id, occurred_ms);
CREATE INDEX event_07_shop_id_occurred_ms_idx ON public.event_07 USING btree (shop_id, occurred_ms);
CREATE INDEX event_08_shop_id_occurred_ms_idx ON public.event_08 USING btree (shop_id, occurred_ms);
CREATE INDEX event_09_shop_id_occurred_ms_idx ON public.event_09 USING btree (shop_id, occurred_ms);
CREATE INDEX event_10_shop_id_occurred_ms_idx ON public.event_10 USING btree (shop_id, occurred_ms);
CREATE INDEX event_11_shop_id_occurred_ms_idx ON public.event_11 USING btree (shop_id, occurred_ms);
CREATE INDEX event_12_shop_id_occurred_ms_idx ON public.event_12 USING btree (shop_id, occurred_ms);
CREATE INDEX event_13_shop_id_occurred_ms_idx ON public.event_13 USING btree (shop_id, occurred_ms);
CREATE INDEX event_14_shop_id_occurred_ms_idx ON public.event_14 USING btree (shop_id, occurred_ms);
CREATE INDEX event_15_shop_id_occurred_ms_idx ON public.event_15 USING btree (shop_id, occurred_ms);
CREATE INDEX feed_by_kind ON public.shop_feed USING btree (dealer_id, kind, made_ms);
CREATE INDEX fitment_by_base_vehicle ON public.fitment USING btree (dealer_id, base_vehicle);
CREATE INDEX fitment_by_engine ON public.fitment USING btree (dealer_id, engine_key);
CREATE INDEX fitment_by_model ON public.fitment USING btree (dealer_id, make_key, model_key);
CREATE INDEX fitment_by_part ON public.fitment USING btree (dealer_id, part);
CREATE INDEX import_by_time ON public.import_run USING btree (dealer_id, made_ms);
CREATE INDEX ix_api_token_dealer_id ON public.api_token USING btree (dealer_id);
CREATE INDEX ix_api_token_membership_id ON public.api_token USING btree (membership_id);
CREATE INDEX ix_bot_hook_dealer_id ON public.bot_hook USING btree (dealer_id);
CREATE INDEX ix_cabinet_dealer_id ON public.cabinet USING btree (dealer_id);
CREATE INDEX ix_cabinet_status_dealer_id ON public.cabinet_status USING btree (dealer_id);
CREATE INDEX ix_document_dealer_id ON public.document USING btree (dealer_id);
CREATE INDEX ix_gateway_dealer_id ON public.gateway USING btree (dealer_id);
CREATE INDEX ix_gateway_epoch_dealer_id ON public.gateway_epoch USING btree (dealer_id);
CREATE INDEX ix_gateway_shop_id ON public.gateway USING btree (shop_id);
CREATE INDEX ix_invitation_dealer_id ON public.invitation USING btree (dealer_id);
CREATE INDEX ix_invitation_email ON public.invitation USING btree (email);
CREATE INDEX ix_membership_dealer_id ON public.membership USING btree (dealer_id);
CREATE INDEX ix_membership_user_id ON public.membership USING btree (user_id);
CREATE INDEX ix_model_pattern_dealer_id ON public.model_pattern USING btree (dealer_id);
CREATE INDEX ix_shop_dealer_dealer_id ON public.shop_dealer USING btree (dealer_id);
CREATE INDEX ix_shop_dealer_id ON public.shop USING btree (dealer_id);
CREATE INDEX ix_sign_in_attempts_last_ms ON public.sign_in_attempts USING btree (last_ms);
CREATE INDEX ix_sign_in_dealer_id ON public.sign_in USING btree (dealer_id);
CREATE INDEX ix_sign_in_membership_id ON public.sign_in USING btree (membership_id);
CREATE INDEX ix_sign_in_user_id ON public.sign_in USING btree (user_id);
CREATE INDEX job_by_vehicle ON public.job USING btree (shop_id, vehicle);
CREATE INDEX movement_by_corrected ON public.movement USING btree (shop_id, corrects) WHERE ((corrects)::text <> ''::text);
CREATE INDEX movement_by_session ON public.movement USING btree (shop_id, session);
CREATE INDEX movement_by_time ON public.movement USING btree (shop_id, occurred_ms);
CREATE INDEX open_matter_by_time ON public.open_matter USING btree (dealer_id, kind, since_ms);
CREATE INDEX part_by_gtin ON public.part USING btree (dealer_id, gtin) WHERE ((gtin)::text <> ''::text);
CREATE INDEX part_by_plain ON public.part USING btree (dealer_id, plain);
CREATE INDEX part_by_revision ON public.part USING btree (dealer_id, revision);
CREATE INDEX part_by_successor ON public.part USING btree (dealer_id, superseded_by) WHERE ((superseded_by)::text <> ''::text);
CREATE INDEX planned_bin_by_part ON public.planned_bin USING btree (dealer_id, part);
CREATE INDEX posting_by_job ON public.posting USING btree (shop_id, account) WHERE (substr((account)::text, 1, 4) = 'job:'::text);
CREATE INDEX quarantine_by_shop ON public.ingest_quarantine USING btree (shop_id, received_ms);
CREATE UNIQUE INDEX search_part_by_part ON public.search_part USING btree (dealer_id, part);
CREATE INDEX session_by_time ON public.cabinet_session USING btree (shop_id, closed_ms);
CREATE INDEX transfer_by_time ON public.transfer USING btree (dealer_id, made_ms);
CREATE INDEX vehicle_by_plate ON public.vehicle USING btree (shop_id, plain_plate);
CREATE INDEX vehicle_by_vin ON public.vehicle USING btree (shop_id, vin);
CREATE INDEX verdict_by_bin ON public.verdict USING btree (shop_id, cabinet, bin, decided_ms);
CREATE INDEX verdict_by_session ON public.verdict USING btree (shop_id, session);
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_00_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_00_shop_id_occurred_ms_idx;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_01_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_01_shop_id_occurred_ms_idx;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_02_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_02_shop_id_occurred_ms_idx;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_03_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_03_shop_id_occurred_ms_idx;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_04_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_04_shop_id_occurred_ms_idx;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_05_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_05_shop_id_occurred_ms_idx;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_06_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_06_shop_id_occurred_ms_idx;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_07_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_07_shop_id_occurred_ms_idx;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_08_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_08_shop_id_occurred_ms_idx;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_09_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_09_shop_id_occurred_ms_idx;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_10_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_10_shop_id_occurred_ms_idx;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_11_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_11_shop_id_occurred_ms_idx;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_12_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_12_shop_id_occurred_ms_idx;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_13_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_13_shop_id_occurred_ms_idx;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_14_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_14_shop_id_occurred_ms_idx;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_15_pkey;
ALTER INDEX public.event_by_time ATTACH PARTITION public.event_15_shop_id_occurred_ms_idx;
CREATE TRIGGER as_sent_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.as_sent FOR EACH STATEMENT EXECUTE FUNCTION public.as_sent_refuses();
CREATE TRIGGER audit_entry_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION public.audit_entry_refuses();
CREATE TRIGGER billed_line_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.billed_line FOR EACH STATEMENT EXECUTE FUNCTION public.billed_line_refuses();
CREATE TRIGGER cabinet_session_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.cabinet_session FOR EACH STATEMENT EXECUTE FUNCTION public.cabinet_session_refuses();
CREATE TRIGGER claim_step_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.claim_step FOR EACH STATEMENT EXECUTE FUNCTION public.claim_step_refuses();
CREATE TRIGGER discrepancy_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.discrepancy FOR EACH STATEMENT EXECUTE FUNCTION public.discrepancy_refuses();
CREATE TRIGGER document_redacts BEFORE UPDATE ON public.document FOR EACH ROW EXECUTE FUNCTION public.document_redacts();
CREATE TRIGGER document_refuses BEFORE DELETE OR TRUNCATE ON public.document FOR EACH STATEMENT EXECUTE FUNCTION public.document_refuses();
CREATE TRIGGER event_00_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_00 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_01_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_01 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_02_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_02 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_03_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_03 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_04_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_04 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_05_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_05 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_06_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_06 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_07_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_07 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_08_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_08 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_09_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_09 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_10_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_10 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_11_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_11 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_12_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_12 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_13_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_13 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_14_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_14 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_15_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event_15 FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER event_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event FOR EACH STATEMENT EXECUTE FUNCTION public.event_refuses();
CREATE TRIGGER feed_answer_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.feed_answer FOR EACH STATEMENT EXECUTE FUNCTION public.feed_answer_refuses();
CREATE TRIGGER ingest_quarantine_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.ingest_quarantine FOR EACH STATEMENT EXECUTE FUNCTION public.ingest_quarantine_refuses();
CREATE TRIGGER kiosk_job_end_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.kiosk_job_end FOR EACH STATEMENT EXECUTE FUNCTION public.kiosk_job_end_refuses();
CREATE TRIGGER kiosk_job_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.kiosk_job FOR EACH STATEMENT EXECUTE FUNCTION public.kiosk_job_refuses();
CREATE TRIGGER movement_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.movement FOR EACH STATEMENT EXECUTE FUNCTION public.movement_refuses();
CREATE TRIGGER posting_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.posting FOR EACH STATEMENT EXECUTE FUNCTION public.posting_refuses();
CREATE TRIGGER read_again_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.read_again FOR EACH STATEMENT EXECUTE FUNCTION public.read_again_refuses();
CREATE TRIGGER request_end_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.request_end FOR EACH STATEMENT EXECUTE FUNCTION public.request_end_refuses();
CREATE TRIGGER request_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.request FOR EACH STATEMENT EXECUTE FUNCTION public.request_refuses();
CREATE TRIGGER resolution_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.resolution FOR EACH STATEMENT EXECUTE FUNCTION public.resolution_refuses();
CREATE TRIGGER rezero_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.rezero FOR EACH STATEMENT EXECUTE FUNCTION public.rezero_refuses();
CREATE TRIGGER set_aside_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.set_aside FOR EACH STATEMENT EXECUTE FUNCTION public.set_aside_refuses();
CREATE TRIGGER shop_feed_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.shop_feed FOR EACH STATEMENT EXECUTE FUNCTION public.shop_feed_refuses();
CREATE TRIGGER statement_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.statement FOR EACH STATEMENT EXECUTE FUNCTION public.statement_refuses();
CREATE TRIGGER upload_batch_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.upload_batch FOR EACH STATEMENT EXECUTE FUNCTION public.upload_batch_refuses();
CREATE TRIGGER vehicle_change_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.vehicle_change FOR EACH STATEMENT EXECUTE FUNCTION public.vehicle_change_refuses();
CREATE TRIGGER vehicle_reading_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.vehicle_reading FOR EACH STATEMENT EXECUTE FUNCTION public.vehicle_reading_refuses();
CREATE TRIGGER verdict_refuses BEFORE DELETE OR UPDATE OR TRUNCATE ON public.verdict FOR EACH STATEMENT EXECUTE FUNCTION public.verdict_refuses();
ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.membership(id);
ALTER TABLE ONLY public.bot_hook
    ADD CONSTRAINT bot_hook_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.bot_hook
    ADD CONSTRAINT bot_hook_made_by_fkey FOREIGN KEY (made_by) REFERENCES public.dealer_user(id);
ALTER TABLE ONLY public.cabinet
    ADD CONSTRAINT cabinet_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.cabinet
    ADD CONSTRAINT cabinet_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.cabinet_status
    ADD CONSTRAINT cabinet_status_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.cabinet_status
    ADD CONSTRAINT cabinet_status_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.catalogue_revision
    ADD CONSTRAINT catalogue_revision_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.cross_reference
    ADD CONSTRAINT cross_reference_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.fitment
    ADD CONSTRAINT fitment_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.gateway
    ADD CONSTRAINT gateway_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.gateway_epoch
    ADD CONSTRAINT gateway_epoch_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.gateway_epoch
    ADD CONSTRAINT gateway_epoch_gateway_id_fkey FOREIGN KEY (gateway_id) REFERENCES public.gateway(id);
ALTER TABLE ONLY public.gateway
    ADD CONSTRAINT gateway_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.import_run
    ADD CONSTRAINT import_run_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT invitation_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT invitation_made_by_fkey FOREIGN KEY (made_by) REFERENCES public.dealer_user(id);
ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.kiosk_job_end
    ADD CONSTRAINT kiosk_job_end_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.kiosk_job
    ADD CONSTRAINT kiosk_job_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.dealer_user(id);
ALTER TABLE ONLY public.model_pattern
    ADD CONSTRAINT model_pattern_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.month_total
    ADD CONSTRAINT month_total_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.part
    ADD CONSTRAINT part_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.part_price
    ADD CONSTRAINT part_price_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.planned_bin
    ADD CONSTRAINT planned_bin_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.search_part
    ADD CONSTRAINT search_part_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.search_term
    ADD CONSTRAINT search_term_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.shop_dealer
    ADD CONSTRAINT shop_dealer_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.shop
    ADD CONSTRAINT shop_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.shop_dealer
    ADD CONSTRAINT shop_dealer_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.shop_feed
    ADD CONSTRAINT shop_feed_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.shop_person
    ADD CONSTRAINT shop_person_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.shop_view
    ADD CONSTRAINT shop_view_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.shop_view
    ADD CONSTRAINT shop_view_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE ONLY public.sign_in
    ADD CONSTRAINT sign_in_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.sign_in
    ADD CONSTRAINT sign_in_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.membership(id);
ALTER TABLE ONLY public.sign_in
    ADD CONSTRAINT sign_in_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.dealer_user(id);
ALTER TABLE ONLY public.statement
    ADD CONSTRAINT statement_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.totals_month
    ADD CONSTRAINT totals_month_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.transfer
    ADD CONSTRAINT transfer_dealer_id_fkey FOREIGN KEY (dealer_id) REFERENCES public.dealer(id);
ALTER TABLE ONLY public.vehicle
    ADD CONSTRAINT vehicle_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES public.shop(id);
ALTER TABLE public.api_token ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.as_sent ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.audit_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.balance ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.billed_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.bot_hook ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.cabinet ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.cabinet_session ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.cabinet_status ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.catalogue_revision ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.claim ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.claim_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.cross_reference ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.cycle_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.dealer ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.dealer_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.discrepancy ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.document ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.feed_answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fitment ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.gateway ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.gateway_epoch ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.import_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.ingest_quarantine ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.invitation ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.job ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kiosk_job ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kiosk_job_end ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.membership ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.model_pattern ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.month_total ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.movement ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.open_matter ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.part ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.part_price ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.planned_bin ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.posting ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.read_again ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.request ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.request_end ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.resolution ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.rezero ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.schema_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.search_part ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.search_term ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON public.api_token TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.as_sent TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.audit_entry TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.balance TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.billed_line TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.bot_hook TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.cabinet TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.cabinet_session TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.cabinet_status TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.catalogue_revision TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.claim TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.claim_step TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.cross_reference TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.cycle_count TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.dealer TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.dealer_user TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.discrepancy TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.document TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.feed_answer TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.fitment TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.gateway TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.gateway_epoch TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.import_run TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.ingest_quarantine TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.invitation TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.job TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.kiosk_job TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.kiosk_job_end TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.membership TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.model_pattern TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.month_total TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.movement TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.open_matter TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.part TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.part_price TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.planned_bin TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.posting TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.read_again TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.request TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.request_end TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.resolution TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.rezero TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.schema_version TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.search_part TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.search_term TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.service_interval TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.set_aside TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.shop TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.shop_dealer TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.shop_feed TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.shop_person TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.shop_view TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.sign_in TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.sign_in_attempts TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.statement TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.totals_month TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.transfer TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.upload_batch TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.vehicle TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.vehicle_change TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.vehicle_reading TO partsbay_service USING (true) WITH CHECK (true);
CREATE POLICY service ON public.verdict TO partsbay_service USING (true) WITH CHECK (true);
ALTER TABLE public.service_interval ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.set_aside ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.shop ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.shop_dealer ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.shop_feed ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.shop_person ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.shop_view ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sign_in ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sign_in_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.statement ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON public.audit_entry TO partsbay_tenant USING (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))) WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant ON public.balance TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.billed_line TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.cabinet TO partsbay_tenant USING ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))) AND (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) OR (((shop_id)::text, (id)::text) IN ( SELECT own.shop_id,
    own.cabinet
   FROM public.planned_bin own
  WHERE ((own.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))))))) WITH CHECK ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))) AND (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) OR (((shop_id)::text, (id)::text) IN ( SELECT own.shop_id,
    own.cabinet
   FROM public.planned_bin own
  WHERE ((own.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")))))));
CREATE POLICY tenant ON public.cabinet_session TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.cabinet_status TO partsbay_tenant USING ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))) AND (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) OR (((shop_id)::text, (cabinet)::text) IN ( SELECT own.shop_id,
    own.cabinet
   FROM public.planned_bin own
  WHERE ((own.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))))))) WITH CHECK ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))) AND (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) OR (((shop_id)::text, (cabinet)::text) IN ( SELECT own.shop_id,
    own.cabinet
   FROM public.planned_bin own
  WHERE ((own.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")))))));
CREATE POLICY tenant ON public.catalogue_revision TO partsbay_tenant USING (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))) WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant ON public.claim TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.claim_step TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.cross_reference TO partsbay_tenant USING (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))) WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant ON public.cycle_count TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.dealer TO partsbay_tenant USING (((id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))) WITH CHECK (((id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant ON public.discrepancy TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.feed_answer TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.fitment TO partsbay_tenant USING (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))) WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant ON public.gateway TO partsbay_tenant USING ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.import_run TO partsbay_tenant USING (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))) WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant ON public.ingest_quarantine TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.job TO partsbay_tenant USING ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.kiosk_job TO partsbay_tenant USING ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.kiosk_job_end TO partsbay_tenant USING ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.membership TO partsbay_tenant USING (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))) WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant ON public.model_pattern TO partsbay_tenant USING (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))) WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant ON public.month_total TO partsbay_tenant USING (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))) WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant ON public.movement TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.open_matter TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.part TO partsbay_tenant USING (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))) WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant ON public.part_price TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (((shop_id)::text = ''::text) OR ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (((shop_id)::text = ''::text) OR ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))));
CREATE POLICY tenant ON public.planned_bin TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.posting TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.read_again TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.request TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.request_end TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.resolution TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.rezero TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.search_part TO partsbay_tenant USING (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))) WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant ON public.search_term TO partsbay_tenant USING (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))) WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant ON public.service_interval TO partsbay_tenant USING ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.set_aside TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.shop TO partsbay_tenant USING ((((id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE ((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE ((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.shop_dealer TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.shop_feed TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.shop_person TO partsbay_tenant USING ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.shop_view TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.statement TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.totals_month TO partsbay_tenant USING (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))) WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant ON public.transfer TO partsbay_tenant USING (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif"))) WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant ON public.vehicle TO partsbay_tenant USING ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.vehicle_change TO partsbay_tenant USING ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.vehicle_reading TO partsbay_tenant USING ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((shop_id)::text IN ( SELECT served.shop_id
   FROM public.shop_dealer served
  WHERE (((served.dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND (NOT served.has_left)))) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant ON public.verdict TO partsbay_tenant USING ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[]))))) WITH CHECK ((((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")) AND ((( SELECT COALESCE(current_setting('app.shops'::text, true), ''::text) AS "coalesce") = '*'::text) OR ((shop_id)::text = ANY (( SELECT string_to_array(substr(current_setting('app.shops'::text, true), 2), '
'::text) AS string_to_array)::text[])))));
CREATE POLICY tenant_adds ON public.cabinet AS RESTRICTIVE FOR INSERT TO partsbay_tenant WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant_adds ON public.cabinet_status AS RESTRICTIVE FOR INSERT TO partsbay_tenant WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant_adds ON public.gateway AS RESTRICTIVE FOR INSERT TO partsbay_tenant WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant_adds ON public.job AS RESTRICTIVE FOR INSERT TO partsbay_tenant WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant_adds ON public.kiosk_job AS RESTRICTIVE FOR INSERT TO partsbay_tenant WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant_adds ON public.kiosk_job_end AS RESTRICTIVE FOR INSERT TO partsbay_tenant WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant_adds ON public.service_interval AS RESTRICTIVE FOR INSERT TO partsbay_tenant WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant_adds ON public.shop AS RESTRICTIVE FOR INSERT TO partsbay_tenant WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant_adds ON public.shop_person AS RESTRICTIVE FOR INSERT TO partsbay_tenant WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant_adds ON public.vehicle AS RESTRICTIVE FOR INSERT TO partsbay_tenant WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant_adds ON public.vehicle_change AS RESTRICTIVE FOR INSERT TO partsbay_tenant WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
CREATE POLICY tenant_adds ON public.vehicle_reading AS RESTRICTIVE FOR INSERT TO partsbay_tenant WITH CHECK (((dealer_id)::text = ( SELECT NULLIF(current_setting('app.tenant'::text, true), ''::text) AS "nullif")));
ALTER TABLE public.totals_month ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.transfer ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.upload_batch ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.vehicle ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.vehicle_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.vehicle_reading ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.verdict ENABLE ROW LEVEL SECURITY;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_token TO partsbay_service;
GRANT USAGE ON SEQUENCE public.api_token_id_seq TO partsbay_tenant;
GRANT USAGE ON SEQUENCE public.api_token_id_seq TO partsbay_service;
GRANT SELECT,INSERT ON TABLE public.as_sent TO partsbay_service;
GRANT SELECT,INSERT ON TABLE public.audit_entry TO partsbay_service;
GRANT SELECT,INSERT ON TABLE public.audit_entry TO partsbay_tenant;
GRANT USAGE ON SEQUENCE public.audit_entry_id_seq TO partsbay_tenant;
GRANT USAGE ON SEQUENCE public.audit_entry_id_seq TO partsbay_service;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.balance TO partsbay_service;
GRANT SELECT ON TABLE public.balance TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.billed_line TO partsbay_service;
GRANT SELECT,INSERT ON TABLE public.billed_line TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bot_hook TO partsbay_service;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.cabinet TO partsbay_service;
GRANT SELECT ON TABLE public.cabinet TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.cabinet_session TO partsbay_service;
GRANT SELECT ON TABLE public.cabinet_session TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.cabinet_status TO partsbay_service;
GRANT SELECT ON TABLE public.cabinet_status TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.catalogue_revision TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.catalogue_revision TO partsbay_tenant;
GRANT UPDATE(revision) ON TABLE public.catalogue_revision TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.claim TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.claim TO partsbay_tenant;
GRANT UPDATE(id) ON TABLE public.claim TO partsbay_tenant;
GRANT UPDATE(kind) ON TABLE public.claim TO partsbay_tenant;
GRANT UPDATE(movement) ON TABLE public.claim TO partsbay_tenant;
GRANT UPDATE(line) ON TABLE public.claim TO partsbay_tenant;
GRANT UPDATE(part) ON TABLE public.claim TO partsbay_tenant;
GRANT UPDATE(quantity) ON TABLE public.claim TO partsbay_tenant;
GRANT UPDATE(job) ON TABLE public.claim TO partsbay_tenant;
GRANT UPDATE(vehicle) ON TABLE public.claim TO partsbay_tenant;
GRANT UPDATE(reason) ON TABLE public.claim TO partsbay_tenant;
GRANT UPDATE(made_by) ON TABLE public.claim TO partsbay_tenant;
GRANT UPDATE(made_ms) ON TABLE public.claim TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.claim_step TO partsbay_service;
GRANT SELECT,INSERT ON TABLE public.claim_step TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.cross_reference TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.cross_reference TO partsbay_tenant;
GRANT UPDATE(part) ON TABLE public.cross_reference TO partsbay_tenant;
GRANT UPDATE(kind) ON TABLE public.cross_reference TO partsbay_tenant;
GRANT UPDATE(brand) ON TABLE public.cross_reference TO partsbay_tenant;
GRANT UPDATE(number) ON TABLE public.cross_reference TO partsbay_tenant;
GRANT UPDATE(plain) ON TABLE public.cross_reference TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.cycle_count TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.cycle_count TO partsbay_tenant;
GRANT UPDATE(id) ON TABLE public.cycle_count TO partsbay_tenant;
GRANT UPDATE(cabinet) ON TABLE public.cycle_count TO partsbay_tenant;
GRANT UPDATE(bin) ON TABLE public.cycle_count TO partsbay_tenant;
GRANT UPDATE(part) ON TABLE public.cycle_count TO partsbay_tenant;
GRANT UPDATE(feed_number) ON TABLE public.cycle_count TO partsbay_tenant;
GRANT UPDATE(made_by) ON TABLE public.cycle_count TO partsbay_tenant;
GRANT UPDATE(made_ms) ON TABLE public.cycle_count TO partsbay_tenant;
GRANT UPDATE(note) ON TABLE public.cycle_count TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.dealer TO partsbay_service;
GRANT SELECT ON TABLE public.dealer TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.dealer_user TO partsbay_service;
GRANT USAGE ON SEQUENCE public.dealer_user_id_seq TO partsbay_tenant;
GRANT USAGE ON SEQUENCE public.dealer_user_id_seq TO partsbay_service;
GRANT SELECT,INSERT ON TABLE public.discrepancy TO partsbay_service;
GRANT SELECT ON TABLE public.discrepancy TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.document TO partsbay_service;
GRANT SELECT,INSERT ON TABLE public.event TO partsbay_service;
GRANT SELECT,INSERT ON TABLE public.feed_answer TO partsbay_service;
GRANT SELECT ON TABLE public.feed_answer TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.fitment TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.fitment TO partsbay_tenant;
GRANT UPDATE(id) ON TABLE public.fitment TO partsbay_tenant;
GRANT UPDATE(part) ON TABLE public.fitment TO partsbay_tenant;
GRANT UPDATE(make) ON TABLE public.fitment TO partsbay_tenant;
GRANT UPDATE(model) ON TABLE public.fitment TO partsbay_tenant;
GRANT UPDATE(engine) ON TABLE public.fitment TO partsbay_tenant;
GRANT UPDATE(make_key) ON TABLE public.fitment TO partsbay_tenant;
GRANT UPDATE(model_key) ON TABLE public.fitment TO partsbay_tenant;
GRANT UPDATE(engine_key) ON TABLE public.fitment TO partsbay_tenant;
GRANT UPDATE(from_year) ON TABLE public.fitment TO partsbay_tenant;
GRANT UPDATE(to_year) ON TABLE public.fitment TO partsbay_tenant;
GRANT UPDATE(base_vehicle) ON TABLE public.fitment TO partsbay_tenant;
GRANT UPDATE("position") ON TABLE public.fitment TO partsbay_tenant;
GRANT UPDATE(quantity) ON TABLE public.fitment TO partsbay_tenant;
GRANT UPDATE(note) ON TABLE public.fitment TO partsbay_tenant;
GRANT USAGE ON SEQUENCE public.fitment_id_seq TO partsbay_tenant;
GRANT USAGE ON SEQUENCE public.fitment_id_seq TO partsbay_service;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.gateway TO partsbay_service;
GRANT SELECT ON TABLE public.gateway TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.gateway_epoch TO partsbay_service;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.import_run TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.import_run TO partsbay_tenant;
GRANT UPDATE(id) ON TABLE public.import_run TO partsbay_tenant;
GRANT UPDATE(made_by) ON TABLE public.import_run TO partsbay_tenant;
GRANT UPDATE(made_ms) ON TABLE public.import_run TO partsbay_tenant;
GRANT UPDATE(file_name) ON TABLE public.import_run TO partsbay_tenant;
GRANT UPDATE(kind) ON TABLE public.import_run TO partsbay_tenant;
GRANT UPDATE(state) ON TABLE public.import_run TO partsbay_tenant;
GRANT UPDATE(lines) ON TABLE public.import_run TO partsbay_tenant;
GRANT UPDATE(accepted) ON TABLE public.import_run TO partsbay_tenant;
GRANT UPDATE(refused) ON TABLE public.import_run TO partsbay_tenant;
GRANT UPDATE(report) ON TABLE public.import_run TO partsbay_tenant;
GRANT UPDATE(body) ON TABLE public.import_run TO partsbay_tenant;
GRANT UPDATE(ended_ms) ON TABLE public.import_run TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.ingest_quarantine TO partsbay_service;
GRANT SELECT ON TABLE public.ingest_quarantine TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.invitation TO partsbay_service;
GRANT USAGE ON SEQUENCE public.invitation_id_seq TO partsbay_tenant;
GRANT USAGE ON SEQUENCE public.invitation_id_seq TO partsbay_service;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.job TO partsbay_tenant;
GRANT UPDATE(id) ON TABLE public.job TO partsbay_tenant;
GRANT UPDATE(title) ON TABLE public.job TO partsbay_tenant;
GRANT UPDATE(vehicle) ON TABLE public.job TO partsbay_tenant;
GRANT UPDATE(plate) ON TABLE public.job TO partsbay_tenant;
GRANT UPDATE(vin) ON TABLE public.job TO partsbay_tenant;
GRANT UPDATE(opened_ms) ON TABLE public.job TO partsbay_tenant;
GRANT UPDATE(opened_by) ON TABLE public.job TO partsbay_tenant;
GRANT UPDATE(closed_ms) ON TABLE public.job TO partsbay_tenant;
GRANT UPDATE(closed_by) ON TABLE public.job TO partsbay_tenant;
GRANT UPDATE(changed_ms) ON TABLE public.job TO partsbay_tenant;
GRANT UPDATE(source) ON TABLE public.job TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.kiosk_job TO partsbay_service;
GRANT SELECT ON TABLE public.kiosk_job TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.kiosk_job_end TO partsbay_service;
GRANT SELECT ON TABLE public.kiosk_job_end TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.membership TO partsbay_service;
GRANT SELECT ON TABLE public.membership TO partsbay_tenant;
GRANT USAGE ON SEQUENCE public.membership_id_seq TO partsbay_tenant;
GRANT USAGE ON SEQUENCE public.membership_id_seq TO partsbay_service;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.model_pattern TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.model_pattern TO partsbay_tenant;
GRANT UPDATE(id) ON TABLE public.model_pattern TO partsbay_tenant;
GRANT UPDATE(wmi) ON TABLE public.model_pattern TO partsbay_tenant;
GRANT UPDATE(pattern) ON TABLE public.model_pattern TO partsbay_tenant;
GRANT UPDATE(make) ON TABLE public.model_pattern TO partsbay_tenant;
GRANT UPDATE(model) ON TABLE public.model_pattern TO partsbay_tenant;
GRANT UPDATE(engine) ON TABLE public.model_pattern TO partsbay_tenant;
GRANT UPDATE(from_year) ON TABLE public.model_pattern TO partsbay_tenant;
GRANT UPDATE(to_year) ON TABLE public.model_pattern TO partsbay_tenant;
GRANT USAGE ON SEQUENCE public.model_pattern_id_seq TO partsbay_tenant;
GRANT USAGE ON SEQUENCE public.model_pattern_id_seq TO partsbay_service;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.month_total TO partsbay_service;
GRANT SELECT ON TABLE public.month_total TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.movement TO partsbay_service;
GRANT SELECT ON TABLE public.movement TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.open_matter TO partsbay_service;
GRANT SELECT ON TABLE public.open_matter TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.part TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(number) ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(plain) ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(name_zh) ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(name_en) ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(brand) ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(category) ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(unit) ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(unit_mass_mg) ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(spread_mg) ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(pack_size) ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(gtin) ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(image) ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(superseded_by) ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(withdrawn) ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(shelf_life_days) ON TABLE public.part TO partsbay_tenant;
GRANT UPDATE(revision) ON TABLE public.part TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.part_price TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.part_price TO partsbay_tenant;
GRANT UPDATE(part) ON TABLE public.part_price TO partsbay_tenant;
GRANT UPDATE(from_day) ON TABLE public.part_price TO partsbay_tenant;
GRANT UPDATE(price_minor) ON TABLE public.part_price TO partsbay_tenant;
GRANT UPDATE(currency) ON TABLE public.part_price TO partsbay_tenant;
GRANT UPDATE(tax_ppm) ON TABLE public.part_price TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.planned_bin TO partsbay_service;
GRANT SELECT ON TABLE public.planned_bin TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.posting TO partsbay_service;
GRANT SELECT ON TABLE public.posting TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.read_again TO partsbay_service;
GRANT SELECT ON TABLE public.read_again TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.request TO partsbay_service;
GRANT SELECT ON TABLE public.request TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.request_end TO partsbay_service;
GRANT SELECT ON TABLE public.request_end TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.resolution TO partsbay_service;
GRANT SELECT ON TABLE public.resolution TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.rezero TO partsbay_service;
GRANT SELECT ON TABLE public.rezero TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.schema_version TO partsbay_service;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_part TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.search_part TO partsbay_tenant;
GRANT UPDATE(ordinal) ON TABLE public.search_part TO partsbay_tenant;
GRANT UPDATE(part) ON TABLE public.search_part TO partsbay_tenant;
GRANT UPDATE(terms) ON TABLE public.search_part TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_term TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.search_term TO partsbay_tenant;
GRANT UPDATE(term) ON TABLE public.search_term TO partsbay_tenant;
GRANT UPDATE(block) ON TABLE public.search_term TO partsbay_tenant;
GRANT UPDATE(count) ON TABLE public.search_term TO partsbay_tenant;
GRANT UPDATE(ordinals) ON TABLE public.search_term TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.service_interval TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.service_interval TO partsbay_tenant;
GRANT UPDATE(vehicle) ON TABLE public.service_interval TO partsbay_tenant;
GRANT UPDATE(title) ON TABLE public.service_interval TO partsbay_tenant;
GRANT UPDATE(part) ON TABLE public.service_interval TO partsbay_tenant;
GRANT UPDATE(every_km) ON TABLE public.service_interval TO partsbay_tenant;
GRANT UPDATE(every_months) ON TABLE public.service_interval TO partsbay_tenant;
GRANT UPDATE(last_km) ON TABLE public.service_interval TO partsbay_tenant;
GRANT UPDATE(last_ms) ON TABLE public.service_interval TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.set_aside TO partsbay_service;
GRANT SELECT ON TABLE public.set_aside TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.shop TO partsbay_service;
GRANT SELECT ON TABLE public.shop TO partsbay_tenant;
GRANT UPDATE(name) ON TABLE public.shop TO partsbay_tenant;
GRANT UPDATE(document_version) ON TABLE public.shop TO partsbay_tenant;
GRANT UPDATE(feed_number) ON TABLE public.shop TO partsbay_tenant;
GRANT UPDATE(latitude_e6) ON TABLE public.shop TO partsbay_tenant;
GRANT UPDATE(longitude_e6) ON TABLE public.shop TO partsbay_tenant;
GRANT UPDATE(address) ON TABLE public.shop TO partsbay_tenant;
GRANT UPDATE(names_days) ON TABLE public.shop TO partsbay_tenant;
GRANT UPDATE(time_zone) ON TABLE public.shop TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.shop_dealer TO partsbay_service;
GRANT SELECT ON TABLE public.shop_dealer TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.shop_feed TO partsbay_service;
GRANT SELECT,INSERT ON TABLE public.shop_feed TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.shop_person TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.shop_person TO partsbay_tenant;
GRANT UPDATE(person) ON TABLE public.shop_person TO partsbay_tenant;
GRANT UPDATE(left_ms) ON TABLE public.shop_person TO partsbay_tenant;
GRANT UPDATE(forgotten_ms) ON TABLE public.shop_person TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.shop_view TO partsbay_service;
GRANT SELECT ON TABLE public.shop_view TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sign_in TO partsbay_service;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sign_in_attempts TO partsbay_service;
GRANT SELECT,INSERT ON TABLE public.statement TO partsbay_service;
GRANT SELECT,INSERT ON TABLE public.statement TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.totals_month TO partsbay_service;
GRANT SELECT ON TABLE public.totals_month TO partsbay_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.transfer TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.transfer TO partsbay_tenant;
GRANT UPDATE(id) ON TABLE public.transfer TO partsbay_tenant;
GRANT UPDATE(part) ON TABLE public.transfer TO partsbay_tenant;
GRANT UPDATE(quantity) ON TABLE public.transfer TO partsbay_tenant;
GRANT UPDATE(from_shop) ON TABLE public.transfer TO partsbay_tenant;
GRANT UPDATE(from_cabinet) ON TABLE public.transfer TO partsbay_tenant;
GRANT UPDATE(from_bin) ON TABLE public.transfer TO partsbay_tenant;
GRANT UPDATE(to_shop) ON TABLE public.transfer TO partsbay_tenant;
GRANT UPDATE(to_cabinet) ON TABLE public.transfer TO partsbay_tenant;
GRANT UPDATE(to_bin) ON TABLE public.transfer TO partsbay_tenant;
GRANT UPDATE(made_by) ON TABLE public.transfer TO partsbay_tenant;
GRANT UPDATE(made_ms) ON TABLE public.transfer TO partsbay_tenant;
GRANT UPDATE(ended_ms) ON TABLE public.transfer TO partsbay_tenant;
GRANT UPDATE(how) ON TABLE public.transfer TO partsbay_tenant;
GRANT UPDATE(note) ON TABLE public.transfer TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.upload_batch TO partsbay_service;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.vehicle TO partsbay_service;
GRANT SELECT,INSERT,DELETE ON TABLE public.vehicle TO partsbay_tenant;
GRANT UPDATE(id) ON TABLE public.vehicle TO partsbay_tenant;
GRANT UPDATE(plate) ON TABLE public.vehicle TO partsbay_tenant;
GRANT UPDATE(plain_plate) ON TABLE public.vehicle TO partsbay_tenant;
GRANT UPDATE(vin) ON TABLE public.vehicle TO partsbay_tenant;
GRANT UPDATE(make) ON TABLE public.vehicle TO partsbay_tenant;
GRANT UPDATE(model) ON TABLE public.vehicle TO partsbay_tenant;
GRANT UPDATE(engine) ON TABLE public.vehicle TO partsbay_tenant;
GRANT UPDATE(year) ON TABLE public.vehicle TO partsbay_tenant;
GRANT UPDATE(owner) ON TABLE public.vehicle TO partsbay_tenant;
GRANT UPDATE(note) ON TABLE public.vehicle TO partsbay_tenant;
GRANT UPDATE(made_ms) ON TABLE public.vehicle TO partsbay_tenant;
GRANT UPDATE(changed_ms) ON TABLE public.vehicle TO partsbay_tenant;
GRANT UPDATE(merged_into) ON TABLE public.vehicle TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.vehicle_change TO partsbay_service;
GRANT SELECT,INSERT ON TABLE public.vehicle_change TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.vehicle_reading TO partsbay_service;
GRANT SELECT,INSERT ON TABLE public.vehicle_reading TO partsbay_tenant;
GRANT SELECT,INSERT ON TABLE public.verdict TO partsbay_service;
GRANT SELECT ON TABLE public.verdict TO partsbay_tenant;
