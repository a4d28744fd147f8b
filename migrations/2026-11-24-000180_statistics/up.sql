-- Statistics: what figures need that was not kept yet, campaign windows, and the public figures.

alter table tip_states add column first_claimed_at timestamptz;
comment on column tip_states.first_claimed_at is 'When somebody first took it up; a release does not clear it.';
update tip_states s set first_claimed_at = c.at
from (select subject_id, min(at) as at from journal where type = 'tip.claimed' group by subject_id) c
where c.subject_id = s.tip_id;

-- Figures read states by time of reception. Rows lie in that order, so a block range index does, at
-- next to no cost for intake.
create index tip_states_received on tip_states using brin (received_at) with (pages_per_range = 16, autosummarize = on);
-- The sum of losses must not read the narratives: the index holds what it needs.
drop index tips_received;
create index tips_received on tips (received_at desc, id desc) include (loss_vnd);
create index cases_opened on cases (opened_at);

create table campaigns (
    id uuid constraint campaigns_pkey primary key,
    name text not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    note text,
    created_by text not null,
    created_at timestamptz not null,
    constraint campaigns_order check (starts_at < ends_at)
);
comment on table campaigns is 'Campaign windows (đợt cao điểm): named periods for the statistics.';
comment on column campaigns.ends_at is 'The first moment that no longer belongs to it.';

create table public_figures (
    month date constraint public_figures_pkey primary key,
    figures jsonb not null,
    settled boolean not null,
    made_at timestamptz not null,
    constraint public_figures_month_begins check (extract(day from month) = 1)
);
comment on table public_figures is 'What the public is told of a month, with small counts suppressed.';
comment on column public_figures.settled is 'The month is over: the figures stay as they are, so that nothing follows from a difference.';
