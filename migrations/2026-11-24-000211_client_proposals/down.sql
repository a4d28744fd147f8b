drop index webhooks_client;
update webhooks set disabled_reason = null where disabled_reason = 'client_disabled';
alter table webhooks
    drop column client_id,
    drop constraint webhooks_disabled_reason_known,
    add constraint webhooks_disabled_reason_known check (disabled_reason in ('gone'));
update clients set pending_by = null where cardinality(pending_scopes) = 0;
alter table clients
    drop constraint clients_pending_whole,
    drop column pending_confinement,
    drop column pending_secret_hash,
    add constraint clients_pending_whole check ((cardinality(pending_scopes) > 0) = (pending_by is not null));
