INSERT INTO balance (shop_id, account, part, dealer_id, quantity, last_occurred_ms)
SELECT shop_id, account, part, dealer_id, quantity, last_occurred_ms
FROM before_balance;

INSERT INTO cabinet_session (shop_id, id, dealer_id, cabinet, person, opened_by, how, missing, opened_ms, closed_ms, booked_ms, ingested_ms)
SELECT shop_id, id, dealer_id, cabinet, person, opened_by, how, missing, opened_ms, closed_ms, booked_ms, ingested_ms
FROM before_cabinet_session;

INSERT INTO dealer (id, name, closed_ms)
SELECT id, name, 0
FROM before_dealer;

INSERT INTO dealer_user (id, email, name, password_hash)
SELECT id, email, name, password_hash
FROM before_dealer_user;

INSERT INTO discrepancy (shop_id, id, dealer_id, cabinet, bin, part, session, reason, opened_ms, detail, ingested_ms)
SELECT shop_id, id, dealer_id, cabinet, bin, part, session, reason, opened_ms, detail, ingested_ms
FROM before_discrepancy;

INSERT INTO event (shop_id, cabinet, epoch, seq, dealer_id, received_ms, occurred_ms, line, ingested_ms)
SELECT shop_id, cabinet, epoch, seq, dealer_id, received_ms, occurred_ms, line, ingested_ms
FROM before_event;

INSERT INTO ingest_quarantine (gateway_id, epoch, seq, digest, dealer_id, shop_id, received_ms, reason, body)
SELECT gateway_id, epoch, seq, digest, dealer_id, shop_id, received_ms, reason, body
FROM before_ingest_quarantine;

INSERT INTO movement (shop_id, id, dealer_id, cause, cabinet, session, person, job, occurred_ms, booked_ms, confidence_ppm, corrects, note, ingested_ms)
SELECT shop_id, id, dealer_id, cause, cabinet, session, person, job, occurred_ms, booked_ms, confidence_ppm, corrects, note, ingested_ms
FROM before_movement;

INSERT INTO posting (shop_id, movement_id, line, dealer_id, account, part, quantity)
SELECT shop_id, movement_id, line, dealer_id, account, part, quantity
FROM before_posting;

INSERT INTO read_again (shop_id, event, dealer_id, cabinet, occurred_ms, booked_ms, ingested_ms)
SELECT shop_id, event, dealer_id, cabinet, occurred_ms, booked_ms, ingested_ms
FROM before_read_again;

INSERT INTO request (shop_id, id, dealer_id, cabinet, bin, part, quantity, stock, raised_ms, ingested_ms)
SELECT shop_id, id, dealer_id, cabinet, bin, part, quantity, stock, raised_ms, ingested_ms
FROM before_request;

INSERT INTO request_end (shop_id, request, dealer_id, how, ended_ms, ingested_ms)
SELECT shop_id, request, dealer_id, how, ended_ms, ingested_ms
FROM before_request_end;

INSERT INTO resolution (shop_id, discrepancy, dealer_id, person, note, movement, resolved_ms, ingested_ms)
SELECT shop_id, discrepancy, dealer_id, person, note, movement, resolved_ms, ingested_ms
FROM before_resolution;

INSERT INTO rezero (shop_id, id, dealer_id, cabinet, bin, event, from_mg, to_mg, sum_mg, rezeroed_ms, ingested_ms)
SELECT shop_id, id, dealer_id, cabinet, bin, event, from_mg, to_mg, sum_mg, rezeroed_ms, ingested_ms
FROM before_rezero;

INSERT INTO schema_version (id, version)
SELECT source.id, source.version
FROM (SELECT 1 AS id, 4 AS version) AS source;

INSERT INTO set_aside (shop_id, event, dealer_id, cabinet, why, booked_ms, ingested_ms)
SELECT shop_id, event, dealer_id, cabinet, why, booked_ms, ingested_ms
FROM before_set_aside;

INSERT INTO verdict (shop_id, id, dealer_id, cabinet, session, bin, number, event, decided_ms, confidence_ppm, best, candidates, levels, steps, tags, ground, algorithm, ingested_ms)
SELECT shop_id, id, dealer_id, cabinet, session, bin, number, event, decided_ms, confidence_ppm, best, candidates, levels, steps, tags, ground, algorithm, ingested_ms
FROM before_verdict;

INSERT INTO membership (user_id, dealer_id, role, shops, brand, made_ms, ended_ms)
SELECT source.user_id, source.dealer_id, source.role, '', '', 0, 0
FROM (SELECT id AS user_id, dealer_id, 'admin' AS role FROM before_dealer_user ORDER BY id) AS source;

INSERT INTO shop (id, dealer_id, name, document_version, feed_number, address, names_days, time_zone)
SELECT id, dealer_id, name, document_version, 0, '', 730, 'Asia/Shanghai'
FROM before_shop;

INSERT INTO cabinet (shop_id, id, dealer_id, name_zh, name_en)
SELECT shop_id, id, dealer_id, name_zh, name_en
FROM before_cabinet;

INSERT INTO cabinet_status (shop_id, cabinet, dealer_id, reported_ms, last_heard_ms, online, journal_backlog, bins_blind, firmware, taken_in_ms, never_came, never_came_ms, journal_room_sessions, journal_full, left_out)
SELECT shop_id, cabinet, dealer_id, reported_ms, last_heard_ms, online, journal_backlog, bins_blind, firmware, taken_in_ms, never_came, never_came_ms, journal_room_sessions, journal_full, left_out
FROM before_cabinet_status;

INSERT INTO document (shop_id, version, dealer_id, stored_ms, body)
SELECT shop_id, version, dealer_id, stored_ms, body
FROM before_document;

INSERT INTO gateway (id, dealer_id, shop_id, key_sha256, last_contact_ms, outbox_backlog, quarantined, document_version, outbox_oldest_ms, quarantine_oldest_ms, broken, broken_ms, cannot_write_since_ms, disk_free_bytes, disk_days, disk_low, document_refused, uploads, withdrawn_ms)
SELECT id, dealer_id, shop_id, key_sha256, last_contact_ms, outbox_backlog, quarantined, document_version, outbox_oldest_ms, quarantine_oldest_ms, broken, broken_ms, cannot_write_since_ms, disk_free_bytes, disk_days, disk_low, '', 0, 0
FROM before_gateway;

INSERT INTO shop_dealer (shop_id, dealer_id, is_host, has_left)
SELECT source.shop_id, source.dealer_id, source.is_host, source.has_left
FROM (SELECT id AS shop_id, dealer_id, TRUE AS is_host, FALSE AS has_left FROM before_shop) AS source;

INSERT INTO sign_in (id, dealer_id, user_id, membership_id, started_ms, expires_ms, ended_ms, last_seen_ms, browser, address)
SELECT id, dealer_id, user_id, (SELECT id FROM membership WHERE membership.user_id = before_sign_in.user_id), started_ms, expires_ms, ended_ms, 0, '', ''
FROM before_sign_in;

INSERT INTO gateway_epoch (gateway_id, epoch, dealer_id, through, started_ms, moved_ms)
SELECT gateway_id, epoch, dealer_id, through, started_ms, moved_ms
FROM before_gateway_epoch;
