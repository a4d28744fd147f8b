-- Indicators that one pass made public had one time, and a TAXII client that pages by it lost all but the first of
-- them. Each has its own from now on; four microseconds, for what follows from one has up to three objects.
update indicator_public p
set changed_at = p.changed_at + (n.place - 1) * interval '4 microseconds'
from (select key, row_number() over (partition by changed_at order by key) as place from indicator_public) n
where n.key = p.key and n.place > 1;
comment on column indicator_public.changed_at is 'When it changed last: no two are equal, and one that comes later is greater, by four microseconds at least.';
