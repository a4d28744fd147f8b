-- Warnings to the public: the text in work, and every revision that was ever published.

create table advisories (
    id uuid constraint advisories_pkey primary key,
    agency text,
    state text not null,
    content jsonb not null,
    pending boolean not null,
    author text not null,
    revision integer not null,
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    published_at timestamptz,
    changed_at timestamptz,
    retracted_at timestamptz,
    retracted_by text,
    reason text,
    constraint advisories_state_known check (state in ('draft', 'published', 'retracted')),
    constraint advisories_published_whole check ((state = 'draft') = (revision = 0) and (revision = 0) = (published_at is null)
        and (revision = 0) = (changed_at is null)),
    constraint advisories_retracted_whole check ((state = 'retracted') = (retracted_at is not null)
        and (retracted_at is null) = (reason is null))
);
comment on table advisories is 'Warnings to the public as they are being written.';
comment on column advisories.agency is 'Agency of the first author; null is the provincial police.';
comment on column advisories.content is 'The text in work; what the public reads is the newest revision.';
comment on column advisories.pending is 'Whether the text in work differs from what is published.';
comment on column advisories.author is 'Who wrote last; somebody else has to publish.';
comment on column advisories.revision is 'Newest published revision; 0 before the first.';
comment on column advisories.changed_at is 'Last publication or retraction; no two are equal, and a later one is greater.';
create index advisories_agency on advisories (agency, id);
create index advisories_changed on advisories (changed_at, id) where changed_at is not null;

create table advisory_revisions (
    advisory_id uuid not null constraint advisory_revisions_advisory_fkey references advisories (id),
    revision integer not null,
    content jsonb not null,
    author text not null,
    published_by text not null,
    published_at timestamptz not null,
    constraint advisory_revisions_pkey primary key (advisory_id, revision),
    constraint advisory_revisions_two_people check (published_by <> author)
);
comment on table advisory_revisions is 'What the public was told; rows are added, never changed.';

-- When what the public may learn of an indicator changed: exchange (TAXII added_after) goes by time.
alter table indicator_public add column changed_at timestamptz, add column confirmed_at timestamptz;
update indicator_public p set changed_at = coalesce((select j.at from journal j where j.position = p.position), now());
update indicator_public set confirmed_at = changed_at where was_confirmed;
alter table indicator_public alter column changed_at set not null,
    add constraint indicator_public_confirmed_whole check (was_confirmed = (confirmed_at is not null));
comment on column indicator_public.changed_at is 'Time of position; one that comes later is greater.';
comment on column indicator_public.confirmed_at is 'When it first stood in the feeds.';
create index indicator_public_changed on indicator_public (changed_at, key);
