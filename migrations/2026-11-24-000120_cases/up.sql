-- Cases to their legal end: acts with their times (all clocks are read from them), membership as a log,
-- notes, holds.

alter table cases
    add column decision text,
    add column next_due_at timestamptz,
    add column announce_at timestamptz,
    add column announced_until timestamptz,
    add column recovered_vnd bigint not null default 0,
    add column merged_into uuid constraint cases_merged_into_fkey references cases (id),
    add constraint cases_recovered_not_negative check (recovered_vnd >= 0);
comment on column cases.decision is 'The last legal decision: prosecute, not_prosecute, suspend, transfer …';
comment on column cases.next_due_at is 'End of the deadline that runs out first; recomputed with each act.';
comment on column cases.announce_at is 'When a deadline is near or over next: what the announcer looks for.';
comment on column cases.announced_until is 'What came before is announced.';
comment on column cases.merged_into is 'The case that took this one over; unmerging clears it.';
create index cases_desk on cases (desk, id desc);
create index cases_state on cases (state, id desc);
create index cases_assignee on cases (assignee, id desc) where assignee is not null;
create index cases_due on cases (next_due_at, id) where next_due_at is not null;
create index cases_announce on cases (announce_at) where announce_at is not null;
create index cases_merged_into on cases (merged_into) where merged_into is not null;

create table case_acts (
    id uuid constraint case_acts_pkey primary key,
    case_id uuid not null constraint case_acts_case_fkey references cases (id),
    act text not null,
    at timestamptz not null,
    by text not null,
    recorded_at timestamptz not null,
    legal_basis text,
    document_number text,
    note text
);
comment on table case_acts is 'What was done in a case, and when: starts and meets every deadline.';
comment on column case_acts.act is 'Code of domain::deadline::Act.';
create index case_acts_case on case_acts (case_id, at);

create table case_members (
    id uuid constraint case_members_pkey primary key,
    case_id uuid not null constraint case_members_case_fkey references cases (id),
    tip_id uuid not null constraint case_members_tip_fkey references tips (id) on delete cascade,
    added_by text not null,
    added_at timestamptz not null,
    removed_by text,
    removed_at timestamptz,
    from_case uuid constraint case_members_from_fkey references cases (id),
    constraint case_members_removed_whole check ((removed_by is null) = (removed_at is null))
);
comment on table case_members is 'Which tips belonged to which case when: merging and unmerging restore both sides exactly.';
comment on column case_members.from_case is 'The case that it came from by a merge.';
create unique index case_members_current on case_members (tip_id) where removed_at is null;
create index case_members_case on case_members (case_id, tip_id);
create index case_members_from on case_members (from_case) where from_case is not null;

create table case_notes (
    id uuid constraint case_notes_pkey primary key,
    case_id uuid not null constraint case_notes_case_fkey references cases (id),
    author text not null,
    text text not null,
    created_at timestamptz not null
);
comment on table case_notes is 'Officers'' notes.';
create index case_notes_case on case_notes (case_id, id);

create table case_holds (
    case_id uuid constraint case_holds_pkey primary key
        constraint case_holds_case_fkey references cases (id),
    reason text not null,
    legal_basis text,
    set_by text not null,
    set_at timestamptz not null
);
comment on table case_holds is 'While a case is here nothing of it is anonymised or deleted.';
