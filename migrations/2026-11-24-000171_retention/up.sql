-- How long personal data is kept (law 91/2025 art. 3: no longer than its purpose needs), and the
-- traces that the end of it leaves.

create table retention (
    id boolean constraint retention_pkey primary key default true,
    rules jsonb not null,
    set_by text,
    approved_by text,
    in_force_since timestamptz,
    pending jsonb,
    pending_by text,
    pending_at timestamptz,
    version integer not null default 1,
    ran_at timestamptz,
    constraint retention_single check (id),
    constraint retention_two_people check (approved_by <> set_by),
    constraint retention_pending_whole check (
        (pending is null) = (pending_by is null) and (pending is null) = (pending_at is null))
);
comment on table retention is 'One row: the rules in force and those that wait for a second administrator.';
comment on column retention.rules is 'A list of {class, after_days, note}; after_days null keeps for ever.';
comment on column retention.ran_at is 'When a replica began the last run on schedule.';
comment on column retention.version is 'Moves with each proposal and each approval.';

alter table tip_states add column anonymised_at timestamptz;
comment on column tip_states.anonymised_at is 'When retention destroyed the identity; cleared when the reporter gives one again.';
create index tip_states_ended on tip_states (decided_at, tip_id)
    where status in ('dismissed', 'duplicate', 'transferred', 'withdrawn');
create index tip_states_ended_identified on tip_states (decided_at, tip_id)
    where status in ('dismissed', 'duplicate', 'transferred', 'withdrawn') and anonymised_at is null;
-- A withdrawn tip ended when its receipt did.
update tip_states s set decided_at = r.withdrawn_at
    from receipts r where r.tip_id = s.tip_id and s.status = 'withdrawn' and s.decided_at is null;

alter table register
    add column purged_at timestamptz,
    add column desk text,
    add column unit_code text;
comment on column register.purged_at is 'When the tip was deleted; the row stays.';
comment on column register.desk is 'Of a purged tip: who may still see the row.';
comment on column register.unit_code is 'Of a purged tip: who may still see the row.';

alter table cases add column purged_at timestamptz;
comment on column cases.purged_at is 'When its tips and texts were deleted; number, states and times stay.';
