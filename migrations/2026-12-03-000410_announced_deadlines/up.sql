-- What was announced of a deadline is kept by its code and end: a moment up to which everything counts as announced
-- passes over what is near or over already when it begins to run.
alter table cases add column announced jsonb not null default '{}';
comment on column cases.announced is 'Deadlines announced, by code: {due_at, over}.';
comment on column cases.announced_until is 'What came before was announced before there was announced; cleared by the next look.';

-- Apart from the tips' states: it is written behind the intake, and no index of the queue moves.
create table tip_announcements (
    tip_id uuid constraint tip_announcements_pkey primary key
        constraint tip_announcements_tip_fkey references tips (id) on delete cascade,
    announce_at timestamptz,
    announced jsonb not null default '{}'
);
comment on table tip_announcements is 'What was announced of the limits of tips, and when to look at them next.';
comment on column tip_announcements.announce_at is 'When a limit is near or over next; null while none runs.';
comment on column tip_announcements.announced is 'Limits announced, by code: {due_at, over}.';
create index tip_announcements_due on tip_announcements (announce_at) where announce_at is not null;

-- Of tips that were there before, those that still wait or were decided lately; the reader goes on from here.
insert into tip_announcements (tip_id, announce_at)
select tip_id, now() from tip_states
where not test and case_id is null
  and (status in ('received', 'claimed', 'info_requested') or decided_at > now() - interval '10 days');
insert into journal_consumers (name, position)
select 'limits', position from journal order by position desc nulls last limit 1;
