-- After tips.sql: tips of all desks, levels, communes and methods, floods of copies, one number that 5,000 tips
-- name, and the figures that the background would have counted.
set synchronous_commit = off;
set client_min_messages = warning;
create temp table dealt as
    select id as tip_id, row_number() over (order by id)::int as n, 0 as a, 0 as b, 0 as c from tips;
-- Of independent digits, so that no desk or method stands for a status.
update dealt set a = abs(hashint4(n)) % 1000, b = abs(hashint4(n + 7)) % 1000, c = abs(hashint4(n + 13)) % 1000;
alter table tip_states disable trigger user;
update tip_states s set
    desk = (array['cyber', 'cyber', 'cyber', 'economic', 'criminal', 'immigration'])[1 + a % 6],
    score = case when b < 10 then 60 when b < 80 then 20 + n % 7 when b < 400 then 5 + n % 8 else n % 3 end,
    level = case when b < 10 then 'critical' when b < 80 then 'high' when b < 400 then 'normal' else 'low' end,
    unit_code = case when c < 250 then null else '03' || (127 + 3 * (c % 40)) end,
    method = case when a = 500 then 'job_task' else (array['impersonate_police_court', 'investment_forex_crypto', 'loan_app'])[1 + c % 3] end,
    status = case when s.status = 'accepted' then s.status when n % 10 = 0 then 'received'
                  when n % 1000 = 7 then 'info_requested' else 'dismissed' end,
    classified_at = case when n % 10 = 0 then null else s.received_at end,
    flood_id = case when n % 50 = 10 then (select tip_id from dealt where n = 10) end
    from dealt d where d.tip_id = s.tip_id;
alter table tip_states enable trigger user;
truncate open_tip_changes, open_tip_counts;
insert into open_tip_counts (desk, level, unit_code, received_minute, due_minute, tips)
    select desk, level, coalesce(unit_code, ''), timestamptz '-infinity',
           case when classified_at is null then timestamptz '-infinity' else 'infinity' end, count(*)
    from tip_states where status in ('received', 'claimed', 'info_requested') and not test group by 1, 2, 3, 4, 5;
update tip_indicators set indicator_key = sha256('phone:+84900000777'::bytea)
    where ordinal = 0 and tip_id in (select tip_id from dealt where (n + 7) % greatest(:tips / 5000, 1) < 1 or n % 200 = 0 and n <= 40000);
insert into indicator_figures (key, tips, independent, loss_vnd, first_reported, last_reported, methods)
    select indicator_key, count(*), count(*), 0, '2026-01-01', '2026-11-24', '{}' from tip_indicators
    where indicator_key is not null group by indicator_key
    on conflict (key) do update set tips = excluded.tips;
insert into tip_texts (tip_id, signature, band_1, band_2, band_3, band_4, band_5)
    select tip_id, decode(repeat(md5(case when n % 50 = 10 then 'flood' else n::text end), 8), 'hex'), h, h + 1, h + 2, h + 3, h + 4
    from (select *, case when n % 50 = 10 then 10 else n * 7 end as h from dealt) d on conflict do nothing;
vacuum full tip_states;
vacuum analyze tip_states;
vacuum analyze tip_indicators;
vacuum analyze tip_texts;
vacuum analyze indicator_figures;
vacuum analyze open_tip_counts;
checkpoint;
