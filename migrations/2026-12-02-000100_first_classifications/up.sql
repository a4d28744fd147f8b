-- A tip that comes back after its decision is to be classified again, within 24 hours of coming back: its due_at moves
-- and its classified_at goes. How the first limit was kept is kept beside, for the figures.
create table first_classifications (
    tip_id uuid constraint first_classifications_pkey primary key
        constraint first_classifications_tip_fkey references tips (id) on delete cascade,
    due_at timestamptz not null,
    at timestamptz not null
);
comment on table first_classifications is 'When tips that came back after their decision were classified the first time.';
comment on column first_classifications.due_at is 'Until when it had to be classified then.';
comment on column tip_states.due_at is 'When it must be classified: 24 h after reception, or after it last came back (TTLT 01/2017 art. 8).';

-- What waits and was classified had come back.
insert into first_classifications (tip_id, due_at, at)
select tip_id, due_at, classified_at from tip_states
where status in ('received', 'claimed', 'info_requested') and classified_at is not null and due_at is not null;
update tip_states s
set classified_at = null, due_at = greatest(s.unclaimed_since, f.at) + interval '24 hours'
from first_classifications f where f.tip_id = s.tip_id;
