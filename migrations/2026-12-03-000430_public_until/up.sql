-- Whoever takes over a verdict for some time is told until when it holds (STIX 2.1 §4.7, valid_until).
alter table indicator_public add column expires_at timestamptz;
comment on column indicator_public.expires_at is 'When the verdict of an officer ends by itself; null where it does not, or nobody confirmed it.';
update indicator_public p set expires_at = v.expires_at
from indicator_verdicts v
where p.verdict = 'confirmed_scam' and v.key = p.key and v.verdict = 'confirmed_scam' and v.ended_at is null
  and not v.waits and v.approved_at is not null;
