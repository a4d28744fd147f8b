-- The yardstick of a viral indicator: one_statement.sql with the same phone in every tip, and the counter of
-- that phone kept in its row by the transaction that stores the tip.
\set q random(0, 999999)
with id as (
    select (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 19))::uuid as tip,
           gen_random_uuid() as sub, gen_random_uuid() as entry, gen_random_uuid() as i1, gen_random_uuid() as i2,
           sha256('phone:+84912345678'::bytea) as k1, sha256(('bank_account:970436:' || :q)::bytea) as k2, now() as at),
tip as (insert into tips (id, received_at, client_id, test, anonymous, method, channel, narrative, in_danger_now, attachments_announced, loss_vnd, last_transfer_at, details)
    select tip, at, 'bench', false, true, 'impersonate_police_court', 'call', :narrative, false, 0, 48000000, at,
           '{"losses": [{"amount_vnd": 48000000, "transferred_at": "2026-11-24T01:10:00Z", "to_indicator": 1, "reference": null}], "warnings": []}' from id),
state as (insert into tip_states (tip_id, received_at, updated_at, status, test, desk, method, source_kind, score, level, reasons, reprioritise_at, due_at)
    select tip, at, at, 'received', false, 'cyber', 'impersonate_police_court', 'tin_bao', 37, 'critical',
           '[{"code": "recent_transfer", "points": 36, "value": 10}, {"code": "loss", "points": 1, "value": 48000000}]', at + interval '10 minutes', at + interval '1 day' from id),
submission as (insert into submissions (id, tip_id, received_at, client_id, content_type, size, digest, key_id, wrapped_key, sealed, body, withheld)
    select sub, tip, at, 'bench', 'application/json', 1000, sha256(k2), 'k1', decode(repeat('ab', 72), 'hex'), decode(repeat('cd', 1100), 'hex'),
           jsonb_build_object('narrative', :narrative::text), '[]' from id),
receipt as (insert into receipts (hash, tip_id, created_at) select sha256(entry::text::bytea), tip, at from id),
indicator as (insert into indicators (key, id, kind, value, display, attributes, first_seen)
    select k1, i1, 'phone', '+84912345678', '0912 345 678', '{"carrier": "vinaphone", "country": "VN", "type": "mobile"}'::jsonb, at from id
    union all select k2, i2, 'bank_account', '970436:' || :q, 'Vietcombank', '{"bank": "Vietcombank", "bin": "970436"}'::jsonb, at from id
    on conflict do nothing),
counter as (insert into indicator_figures (key, tips, independent, loss_vnd, first_reported, last_reported, methods)
    select k1, 1, 1, 48000000, at, at, '{}' from id
    on conflict (key) do update set tips = indicator_figures.tips + 1, loss_vnd = indicator_figures.loss_vnd + excluded.loss_vnd, last_reported = excluded.last_reported),
edge as (insert into tip_indicators (tip_id, ordinal, kind, indicator_key, raw, source, role, attributes)
    select tip, 0, 'phone', k1, '090', 'reported', 'contacted_me', '{}'::jsonb from id
    union all select tip, 1, 'bank_account', k2, '970436', 'reported', 'received_money', '{}'::jsonb from id)
insert into journal_pending (id, at, type, subject_kind, subject_id, client_id, is_event, actor, request_id, data)
select entry, at, 'tip.received', 'tip', tip, 'bench', true, 'bench', 'bench', '{"desk": "cyber", "level": "critical", "score": 37}' from id;
