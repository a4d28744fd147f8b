-- A value that an officer cleared had no public row, so that what it stands on (a number, an account, a host) warned of
-- it all the same. It has one now, with nothing told of it.
alter table indicator_public add column cleared boolean not null default false,
    add constraint indicator_public_cleared_untold check (not cleared or verdict is null);
comment on column indicator_public.cleared is
    'An officer cleared it: nothing is told of it, nor by what it stands on.';
update indicator_public p set cleared = true
from indicator_verdicts v
where v.key = p.key and v.verdict = 'cleared' and v.ended_at is null and not v.waits
  and (v.expires_at is null or v.expires_at > now()) and p.verdict is null;
insert into indicator_public (key, kind, value, reports, methods, was_confirmed, position, changed_at, cleared)
select i.key, i.kind, i.value, 0, '{}', false, greatest(last.position, 1),
       greatest(last.changed_at, now()) + row_number() over (order by i.key) * interval '4 microseconds', true
from indicator_verdicts v
join indicators i on i.key = v.key
cross join (select max(position) as position, max(changed_at) as changed_at from indicator_public) last
where v.verdict = 'cleared' and v.ended_at is null and not v.waits
  and (v.expires_at is null or v.expires_at > now())
  and not exists (select from indicator_public p where p.key = v.key);
