-- One journal for audit, events and everything that is read in order (BLTTHS art. 99, 107: what was
-- done with evidence must be provable).
--
-- Writers insert into journal_pending inside their own transaction and know no number. One sequencer
-- at a time moves committed rows to journal and gives them a gapless position and a chain hash, so a
-- reader past N can never miss N-1.

create table journal_pending (
    id uuid constraint journal_pending_pkey primary key,
    at timestamptz not null,
    type text not null,
    is_event boolean not null,
    actor text not null,
    client_id text not null,
    agency text,
    subject_kind text not null,
    subject_id uuid,
    data jsonb not null,
    request_id text not null
);
comment on table journal_pending is 'Committed entries that the sequencer has not numbered yet: the unsealed tail.';

create table journal (
    position bigint constraint journal_pkey primary key,
    id uuid not null constraint journal_id_key unique,
    at timestamptz not null,
    type text not null,
    is_event boolean not null,
    actor text not null,
    client_id text not null,
    agency text,
    subject_kind text not null,
    subject_id uuid,
    data jsonb not null,
    request_id text not null,
    chain bytea not null,
    constraint journal_position_positive check (position > 0),
    constraint journal_chain_length check (octet_length(chain) = 32)
);
comment on table journal is 'Append-only: every change, every read by a person, every event, in one order.';
comment on column journal.type is 'tip.received, tip.read, reporter.revealed …';
comment on column journal.is_event is 'Whether changes, live events and webhooks carry it.';
comment on column journal.actor is 'sub of the token, or device, reporter, system.';
comment on column journal.data is 'Never holds reporter data, receipts or tokens.';
comment on column journal.chain is 'SHA-256 over the chain hash before and this row.';
create index journal_subject on journal (subject_id, position) where subject_id is not null;
create index journal_actor on journal (actor, position);
create index journal_type on journal (type, position);
create index journal_events on journal (position) where is_event;

create table journal_checkpoints (
    position bigint constraint journal_checkpoints_pkey primary key,
    at timestamptz not null,
    chain bytea not null,
    signature text not null
);
comment on table journal_checkpoints is 'A compact JWS over position and chain hash, one a sequencer pass.';

create table journal_consumers (
    name text constraint journal_consumers_pkey primary key,
    position bigint not null
);
comment on table journal_consumers is 'How far each background reader of the journal has come; its row lock lets many replicas run the same reader.';

create table idempotency_keys (
    id bytea constraint idempotency_keys_pkey primary key,
    request_hash bytea not null,
    status smallint not null,
    answer bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint idempotency_keys_id_length check (octet_length(id) = 32),
    constraint idempotency_keys_status_success check (status between 200 and 299)
);
comment on table idempotency_keys is 'Success answers by key, so that a request sent twice is done once.';
comment on column idempotency_keys.id is 'SHA-256 over client, subject, device and key.';
comment on column idempotency_keys.answer is 'Headers and body, sealed: an answer may hold a receipt.';
create index idempotency_keys_expiry on idempotency_keys (expires_at);
