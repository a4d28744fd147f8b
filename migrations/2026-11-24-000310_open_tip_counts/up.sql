-- How many tips wait, without counting them: every change of a tip's state adds what it changes to a
-- table that only grows, and a background step adds that up. The sum of both is exact at any moment,
-- and no row is locked by two who work on different tips.

create table open_tip_changes (
    id bigint generated always as identity constraint open_tip_changes_pkey primary key,
    desk text not null,
    level text not null,
    unit_code text not null,
    received_minute timestamptz not null,
    due_minute timestamptz not null,
    tips integer not null
);
comment on table open_tip_changes is 'What changed in the numbers of open tips and is not in open_tip_counts yet.';

create table open_tip_counts (
    desk text not null,
    level text not null,
    unit_code text not null,
    received_minute timestamptz not null,
    due_minute timestamptz not null,
    tips bigint not null,
    constraint open_tip_counts_pkey primary key (desk, level, unit_code, received_minute, due_minute)
);
comment on table open_tip_counts is 'Open tips by desk, level, commune and age; with open_tip_changes the exact number.';
comment on column open_tip_counts.unit_code is 'Commune; empty where it is unknown.';
comment on column open_tip_counts.received_minute is 'Minute of reception; -infinity once that is so long ago that it tells nothing more.';
comment on column open_tip_counts.due_minute is 'Minute in which it must be classified; -infinity when that is over, infinity when it is classified.';

create function note_open_tips() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into open_tip_changes (desk, level, unit_code, received_minute, due_minute, tips)
        select desk, level, coalesce(unit_code, ''), date_trunc('minute', received_at),
               coalesce(case when classified_at is null then date_trunc('minute', due_at) end, 'infinity'), count(*)
        from new_states
        where status in ('received', 'claimed', 'info_requested') and not test
        group by 1, 2, 3, 4, 5;
    elsif tg_op = 'DELETE' then
        insert into open_tip_changes (desk, level, unit_code, received_minute, due_minute, tips)
        select desk, level, coalesce(unit_code, ''), date_trunc('minute', received_at),
               coalesce(case when classified_at is null then date_trunc('minute', due_at) end, 'infinity'), -count(*)
        from old_states
        where status in ('received', 'claimed', 'info_requested') and not test
        group by 1, 2, 3, 4, 5;
    else
        insert into open_tip_changes (desk, level, unit_code, received_minute, due_minute, tips)
        select desk, level, coalesce(unit_code, ''), date_trunc('minute', received_at),
               coalesce(case when classified_at is null then date_trunc('minute', due_at) end, 'infinity'), sum(n)
        from (select 1 as n, * from new_states union all select -1, * from old_states) changed
        where status in ('received', 'claimed', 'info_requested') and not test
        group by 1, 2, 3, 4, 5 having sum(n) <> 0;
    end if;
    return null;
end $$;
comment on function note_open_tips is 'Notes what a statement changed in the numbers of open tips.';

create trigger tip_states_inserted after insert on tip_states
    referencing new table as new_states for each statement execute function note_open_tips();
create trigger tip_states_updated after update on tip_states
    referencing old table as old_states new table as new_states for each statement execute function note_open_tips();
create trigger tip_states_deleted after delete on tip_states
    referencing old table as old_states for each statement execute function note_open_tips();

insert into open_tip_counts (desk, level, unit_code, received_minute, due_minute, tips)
select desk, level, coalesce(unit_code, ''), date_trunc('minute', received_at),
       coalesce(case when classified_at is null then date_trunc('minute', due_at) end, 'infinity'), count(*)
from tip_states
where status in ('received', 'claimed', 'info_requested') and not test
group by 1, 2, 3, 4, 5;
