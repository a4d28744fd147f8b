-- Tips with a narrative of 1 KB, two indicators and a loss each, as many as :tips, a third of them waiting, one
-- in a hundred in a case; the same at every run. 'phần hiếm' stands in 1 of 5,000, 'phần một' in 1 %, 'phần hai'
-- in 2 %, 'phần năm' in 5 %, 'phần mười' in 10 %; each has a number of its own. 'phần bốn' stands in 1 of 3,000, so
-- that the statistics know rare words, as they do of language.
-- Rows go straight into the tables: what is measured is reading them.
set synchronous_commit = off;
set client_min_messages = warning;
truncate tips, indicators, register, cases, journal_pending, open_tip_changes, open_tip_counts cascade;
insert into indicators (key, id, kind, value, display, attributes, first_seen)
    select sha256(('phone:+84' || (900000000 + n))::bytea), gen_random_uuid(), 'phone', '+84' || (900000000 + n), '0' || (900000000 + n),
           '{"carrier": "mobifone", "country": "VN", "type": "mobile"}', '2026-01-01' from generate_series(0, 199999) n;
create temp table seeded as
    select (substr(ms, 1, 8) || '-' || substr(ms, 9, 4) || '-7000-8000-' || substr(md5(n::text), 1, 12))::uuid as id, at, n
    from (select lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') as ms, at, n
          from (select '2026-01-01'::timestamptz + n * interval '20 seconds' as at, n from generate_series(1, :tips) n) dated) written;
insert into tips (id, received_at, client_id, test, anonymous, method, channel, language, narrative, unit_code, in_danger_now, loss_vnd, last_transfer_at, details)
    select id, at, 'bench', false, true, 'impersonate_police_court', 'call', 'vi',
           repeat('Có người gọi tự xưng công an, bắt tôi chuyển tiền. ', 12) || n || case
               when n % 5000 = 4 then ' phần hiếm' when n % 100 = 0 then ' phần một' when n % 50 = 1 then ' phần hai'
               when n % 20 = 2 then ' phần năm' when n % 10 = 3 then ' phần mười' when n % 3000 = 7 then ' phần bốn' else '' end, '03127', false, 48000000, at,
           '{"losses": [{"amount_vnd": 48000000, "transferred_at": "2026-11-24T01:10:00Z", "to_indicator": 1, "reference": null}], "victim": {"relation": "self", "age_group": "60_plus"}, "warnings": []}'
    from seeded;
-- What waits has been called for already: millions of calls at once are no state that a desk is ever in, and would be
-- measured with all that comes after.
insert into tip_states (tip_id, received_at, updated_at, status, test, desk, method, source_kind, score, level, reasons, due_at, unclaimed_told_at, unit_code)
    select id, at, at, case when n % 3 = 0 then 'received' else 'dismissed' end, false, 'cyber', 'impersonate_police_court', 'tin_bao', 37, 'critical',
           '[{"code": "recent_transfer", "points": 36, "value": 10}]', at + interval '1 day', at + interval '100 years', '03127' from seeded;
-- As the service does it, a few thousand at a time.
with taken as (delete from open_tip_changes returning desk, level, unit_code, received_minute, due_minute, tips)
insert into open_tip_counts as c (desk, level, unit_code, received_minute, due_minute, tips)
    select desk, level, unit_code, received_minute, due_minute, sum(tips) from taken group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict on constraint open_tip_counts_pkey do update set tips = c.tips + excluded.tips;
insert into tip_indicators (tip_id, ordinal, kind, indicator_key, raw, source, role, attributes)
    select id, o, 'phone', sha256(('phone:+84' || (900000000 + (n * (7 + o)) % 200000))::bytea), '09', 'reported', 'contacted_me', '{}'
    from seeded, generate_series(0, 1) o;
insert into tip_search (tip_id, document, stale)
    select id, to_tsvector('tinbao_vi', concat_ws(' ', narrative, raw_message, place)), false from tips join seeded using (id);
insert into cases (id, year, seq, number, title, state, desk, received_at, opened_at, opened_by, updated_at)
    select gen_random_uuid(), 2026, n, 'DB-C-2026-' || lpad(n::text, 7, '0'), 'Nhóm giả danh công an ' || n, 'accepted', 'cyber', at, at, 'bench', at
    from seeded where n <= :tips / 100;
insert into case_members (id, case_id, tip_id, added_by, added_at)
    select gen_random_uuid(), c.id, s.id, 'bench', s.at from seeded s join cases c on c.seq = s.n / 100 where s.n % 100 = 5;
update tip_states s set case_id = m.case_id, status = 'accepted' from case_members m where m.tip_id = s.tip_id;
insert into register (year, seq, tip_id, number, received_at)
    select 2026, n, id, 'DB-T-2026-' || lpad(n::text, greatest(7, length(n::text)), '0'), at from seeded;
vacuum analyze tips;
vacuum analyze tip_states;
vacuum analyze open_tip_changes;
vacuum analyze open_tip_counts;
vacuum analyze tip_indicators;
vacuum analyze indicators;
vacuum analyze register;
vacuum analyze tip_search;
vacuum analyze cases;
vacuum analyze case_members;
checkpoint;
