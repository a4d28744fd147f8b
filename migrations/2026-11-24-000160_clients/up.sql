-- Clients: who may ask for tokens, and how much a token may claim at most.

create table clients (
    id uuid constraint clients_pkey primary key,
    client_id text not null constraint clients_client_id_key unique,
    name text not null,
    kind text not null,
    agency text,
    desk text,
    units text[],
    scopes text[] not null,
    pending_scopes text[] not null default '{}',
    pending_by text,
    secret_hash text,
    created_by text not null,
    created_at timestamptz not null,
    disabled_at timestamptz,
    version integer not null default 1,
    updated_at timestamptz not null,
    constraint clients_kind_known check (kind in ('confidential', 'public')),
    constraint clients_public_has_no_secret check (kind = 'confidential' or secret_hash is null),
    constraint clients_pending_whole check ((cardinality(pending_scopes) > 0) = (pending_by is not null))
);
comment on table clients is 'Registered clients; tokens may only narrow what stands here.';
comment on column clients.agency is 'Absent is the provincial police.';
comment on column clients.pending_scopes is 'Scopes that one admin may not grant alone; a second one approves.';
comment on column clients.secret_hash is 'Argon2id; the secret itself is shown once.';

create table revoked_tokens (
    jti text constraint revoked_tokens_pkey primary key,
    revoked_by text not null,
    revoked_at timestamptz not null,
    expires_at timestamptz not null
);
comment on table revoked_tokens is 'Tokens that ended before their time; kept until they would have.';
create index revoked_tokens_expiry on revoked_tokens (expires_at);
