drop index webhooks_created_by;
update webhooks set disabled_reason = null where disabled_reason = 'tokens_ended';
comment on column webhooks.disabled_reason is 'gone: the receiver answered 410; client_disabled: its client was disabled.';
alter table webhooks
    drop constraint webhooks_disabled_reason_known,
    add constraint webhooks_disabled_reason_known check (disabled_reason in ('gone', 'client_disabled'));
