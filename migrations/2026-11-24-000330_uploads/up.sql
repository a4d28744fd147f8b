-- Files that come in pieces, for networks that break.

create table uploads (
    id uuid constraint uploads_pkey primary key,
    tip_id uuid not null constraint uploads_tip_fkey references tips (id) on delete cascade,
    added_by text,
    length bigint not null,
    received bigint not null default 0,
    attachment_id uuid,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint uploads_length_within check (length between 1 and 20971520),
    constraint uploads_received_within check (received between 0 and length)
);
comment on table uploads is 'Files of tips that are coming in pieces.';
comment on column uploads.added_by is 'Which officer sends it; null for the reporter.';
comment on column uploads.attachment_id is 'The file that it became.';
create index uploads_tip on uploads (tip_id);
create index uploads_expiry on uploads (expires_at);

create table upload_parts (
    id uuid constraint upload_parts_pkey primary key,
    upload_id uuid not null constraint upload_parts_upload_fkey references uploads (id) on delete cascade,
    start bigint not null,
    size bigint not null,
    key_id text not null,
    wrapped_key bytea not null,
    constraint upload_parts_once unique (upload_id, start),
    constraint upload_parts_size_positive check (size > 0)
);
comment on table upload_parts is 'Pieces of files; the object of the same id holds the sealed bytes.';
