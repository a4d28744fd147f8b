-- Indicators that the public may learn of, as many as :indicators, beside whatever is there.
set synchronous_commit = off;
set client_min_messages = warning;
create temp table seeded as
    select sha256(('phone:+84' || (300000000 + n))::bytea) as key, '+84' || (300000000 + n) as value from generate_series(1, :indicators) n;
insert into indicators (key, id, kind, value, display, attributes, first_seen)
    select key, gen_random_uuid(), 'phone', value, value, '{}', '2026-01-01' from seeded;
insert into indicator_public (key, kind, value, verdict, reports, methods, last_reported, was_confirmed, position, changed_at)
    select key, 'phone', value, 'reported', 3, '{}', '2026-11-01', false, 1, now() from seeded;
analyze indicators;
analyze indicator_public;
