-- Reveals of what is sealed: who asked, why, who approved, until when.
create table reveals (
    id uuid constraint reveals_pkey primary key,
    tip_id uuid not null constraint reveals_tip_fkey references tips (id) on delete cascade,
    subject text not null,
    purpose text not null,
    requested_by text not null,
    requested_at timestamptz not null,
    needs_approval boolean not null,
    approved_by text,
    approved_at timestamptz,
    expires_at timestamptz not null,
    constraint reveals_subject_known check (subject in ('identity', 'submission')),
    constraint reveals_approval_whole check ((approved_by is null) = (approved_at is null)),
    constraint reveals_second_person check (approved_by is null or approved_by <> requested_by)
);
comment on table reveals is 'Each reveal of a reporter''s identity or of the sealed bytes, and each request for one.';
comment on column reveals.purpose is 'As stated by the officer; what identifies the reporter is hidden in it.';
comment on column reveals.expires_at is 'Until when it may be approved, and then until when it may be used.';
create index reveals_tip on reveals (tip_id, requested_by, id);
