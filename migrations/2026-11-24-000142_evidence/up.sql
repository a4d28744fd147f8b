-- Evidence: files that belong to a tip. The bytes lie sealed in the object store; a row is written
-- only once its object is complete.
create table attachments (
    id uuid constraint attachments_pkey primary key,
    tip_id uuid not null constraint attachments_tip_fkey references tips (id) on delete cascade,
    from_reporter boolean not null,
    added_by text,
    received_at timestamptz not null,
    media_type text not null,
    size bigint not null,
    sha256 bytea not null,
    key_id text not null,
    wrapped_key bytea not null,
    constraint attachments_sha256_length check (octet_length(sha256) = 32),
    constraint attachments_size_positive check (size > 0),
    constraint attachments_author_whole check (from_reporter = (added_by is null))
);
comment on table attachments is 'Files of a tip; the object of the same id holds the sealed bytes.';
comment on column attachments.media_type is 'By content, never by name.';
comment on column attachments.sha256 is 'Of the original bytes, hashed while they came.';
create index attachments_tip on attachments (tip_id, id);

create table attachment_custody (
    id uuid constraint attachment_custody_pkey primary key,
    attachment_id uuid not null constraint attachment_custody_attachment_fkey
        references attachments (id) on delete cascade,
    at timestamptz not null,
    act text not null,
    actor text not null,
    request_id text not null,
    constraint attachment_custody_act_known check (act in ('received', 'downloaded', 'original_revealed', 'certified'))
);
comment on table attachment_custody is 'Who had a file in hand, when and for what.';
create index attachment_custody_attachment on attachment_custody (attachment_id, id);
