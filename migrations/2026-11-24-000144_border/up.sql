-- Border register: traces of brokers, transport and lures of illegal exit (BLHS arts. 348–350), never
-- citizens who may be lured; and the end of what is sealed about those.

create table border_traces (
    indicator_key bytea not null constraint border_traces_indicator_fkey references indicators (key),
    tip_id uuid not null constraint border_traces_tip_fkey references tips (id) on delete cascade,
    role text,
    method text not null,
    channel text,
    unit_code text,
    received_at timestamptz not null,
    constraint border_traces_pkey primary key (indicator_key, tip_id)
);
comment on table border_traces is 'Indicators of tips about brokers of illegal exit; kept by a reader of the journal.';
create index border_traces_tip on border_traces (tip_id);
create index border_traces_received on border_traces (received_at);

create table potential_victim_grounds (
    tip_id uuid constraint potential_victim_grounds_pkey primary key
        constraint potential_victim_grounds_tip_fkey references tips (id) on delete cascade,
    ground text not null,
    recorded_by text not null,
    recorded_at timestamptz not null
);
comment on table potential_victim_grounds is 'Why persons named as potential victims are kept beyond 90 days.';

create index submissions_potential_victims on submissions (received_at)
    where withheld @> '["/potential_victims"]' and wrapped_key is not null;

alter table reveals drop constraint reveals_subject_known;
alter table reveals add constraint reveals_subject_known
    check (subject in ('identity', 'submission', 'attachment', 'potential_victims'));
