-- What is known of indicators: figures kept by a reader of the journal, officers' verdicts, and the one
-- table that answers whatever the public may ask.

create table indicator_figures (
    key bytea constraint indicator_figures_pkey primary key
        constraint indicator_figures_indicator_fkey references indicators (key),
    tips integer not null,
    independent integer not null,
    last_counted_at timestamptz,
    loss_vnd bigint not null,
    first_reported timestamptz not null,
    last_reported timestamptz not null,
    methods text[] not null,
    constraint indicator_figures_counts check (tips > 0 and independent >= 0 and loss_vnd >= 0)
);
comment on table indicator_figures is 'Counters of each indicator, at most seconds behind; no intake touches them.';
comment on column indicator_figures.independent is 'Reports by different known devices or reporters, an hour apart; all others of a client and day count as one.';
comment on column indicator_figures.last_counted_at is 'Reception of the last independent report.';

create table indicator_reporters (
    key bytea not null constraint indicator_reporters_indicator_fkey references indicators (key),
    reporter bytea not null,
    constraint indicator_reporters_pkey primary key (key, reporter)
);
comment on table indicator_reporters is 'Who was counted for an indicator, as a hash of device, blind index, or client and day.';

create table indicator_verdicts (
    id uuid constraint indicator_verdicts_pkey primary key,
    key bytea not null constraint indicator_verdicts_indicator_fkey references indicators (key),
    verdict text not null,
    reason text not null,
    note text,
    source text,
    checked_at date,
    given_by text not null,
    given_at timestamptz not null,
    expires_at timestamptz,
    approved_by text,
    approved_at timestamptz,
    ended_at timestamptz,
    constraint indicator_verdicts_verdict_known check (verdict in ('suspected', 'confirmed_scam', 'cleared', 'official')),
    constraint indicator_verdicts_two_people check (approved_by <> given_by),
    constraint indicator_verdicts_approved_whole check ((approved_by is null) = (approved_at is null))
);
comment on table indicator_verdicts is 'Every verdict ever given; the one without ended_at is in force or waits for approval.';
comment on column indicator_verdicts.source is 'For official entries: where it was checked; without it nothing is vouched for.';
create unique index indicator_verdicts_current on indicator_verdicts (key) where ended_at is null;
create index indicator_verdicts_key on indicator_verdicts (key, given_at desc);
create index indicator_verdicts_expiry on indicator_verdicts (expires_at) where ended_at is null and expires_at is not null;

create table indicator_public (
    key bytea constraint indicator_public_pkey primary key
        constraint indicator_public_indicator_fkey references indicators (key),
    kind text not null,
    value text not null,
    verdict text,
    reports integer not null,
    methods text[] not null,
    last_reported date,
    was_confirmed boolean not null,
    position bigint not null,
    constraint indicator_public_verdict_known check (verdict in ('confirmed_scam', 'suspected', 'reported', 'official'))
);
comment on table indicator_public is 'What the public may learn; an indicator that is not here is unknown to the public.';
comment on column indicator_public.verdict is 'Null once there is nothing to be said any more.';
comment on column indicator_public.was_confirmed is 'Stood in the feeds: leaves a tombstone there.';
comment on column indicator_public.position is 'Journal position at which the row changed last.';
create index indicator_public_position on indicator_public (position);

create table indicator_appeals (
    id uuid constraint indicator_appeals_pkey primary key,
    key bytea not null constraint indicator_appeals_indicator_fkey references indicators (key),
    receipt_hash bytea not null constraint indicator_appeals_receipt_key unique,
    text text not null,
    contact bytea,
    submitted_at timestamptz not null,
    due_at timestamptz not null,
    decision text,
    reason text,
    decided_by text,
    decided_at timestamptz,
    constraint indicator_appeals_decision_known check (decision in ('upheld', 'rejected')),
    constraint indicator_appeals_decision_whole check ((decision is null) = (decided_at is null))
);
comment on table indicator_appeals is 'Objections to a verdict by anybody, without an account (BLTTHS art. 57).';
comment on column indicator_appeals.contact is 'How to answer, sealed.';
create index indicator_appeals_key on indicator_appeals (key);
create index indicator_appeals_open on indicator_appeals (due_at, id) where decision is null;
