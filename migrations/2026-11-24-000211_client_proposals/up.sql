-- What opens more to a client that may do much already waits for a second admin, and a client that is
-- disabled is told of nothing any more.

alter table clients
    add column pending_confinement jsonb,
    add column pending_secret_hash text,
    drop constraint clients_pending_whole,
    add constraint clients_pending_whole check (
        (cardinality(pending_scopes) > 0 or pending_confinement is not null or pending_secret_hash is not null)
        = (pending_by is not null)
    );
comment on column clients.pending_confinement is 'Desk and communes that wait for a second admin, because they open more.';
comment on column clients.pending_secret_hash is 'Argon2id of a secret that waits for a second admin; the one before holds until then.';

alter table webhooks
    add column client_id text,
    drop constraint webhooks_disabled_reason_known,
    add constraint webhooks_disabled_reason_known check (disabled_reason in ('gone', 'client_disabled'));
-- A client acting by itself is the sub of its own tokens.
update webhooks set client_id = created_by where exists (select from clients c where c.client_id = created_by);
comment on column webhooks.client_id is 'Client that registered it or enabled it last; absent where that was not recorded.';
comment on column webhooks.disabled_reason is 'gone: the receiver answered 410; client_disabled: its client was disabled.';
create index webhooks_client on webhooks (client_id) where enabled;
