-- Whose tokens are ended is told of nothing more either.
alter table webhooks
    drop constraint webhooks_disabled_reason_known,
    add constraint webhooks_disabled_reason_known
        check (disabled_reason in ('gone', 'client_disabled', 'tokens_ended'));
comment on column webhooks.disabled_reason is
    'gone: the receiver answered 410; client_disabled: its client was disabled; tokens_ended: all tokens of whoever made it were.';
create index webhooks_created_by on webhooks (created_by) where enabled;
