-- Webhooks: who is told of events, the deliveries, and the lanes that keep each subject's order.

create table webhooks (
    id uuid constraint webhooks_pkey primary key,
    agency text,
    url text not null,
    events text[] not null,
    enabled boolean not null default true,
    disabled_reason text,
    secret bytea not null,
    previous_secret bytea,
    previous_secret_until timestamptz,
    created_by text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version integer not null default 1,
    constraint webhooks_events_given check (cardinality(events) > 0),
    constraint webhooks_disabled_reason_known check (disabled_reason in ('gone')),
    constraint webhooks_reason_only_when_disabled check (not enabled or disabled_reason is null),
    constraint webhooks_previous_whole check ((previous_secret is null) = (previous_secret_until is null))
);
comment on table webhooks is 'Receivers of events.';
comment on column webhooks.agency is 'Confines what it receives; absent is the provincial police.';
comment on column webhooks.disabled_reason is 'gone: the receiver answered 410.';
comment on column webhooks.secret is 'Sealed; the id is the associated data. Shown once, when it is made.';
comment on column webhooks.previous_secret is 'Signs beside the new one until previous_secret_until.';
create index webhooks_agency on webhooks (agency, id);

create table webhook_deliveries (
    id uuid constraint webhook_deliveries_pkey primary key,
    webhook_id uuid not null constraint webhook_deliveries_webhook_fkey
        references webhooks (id) on delete cascade,
    event_id uuid not null,
    event text not null,
    subject text not null,
    position bigint not null,
    body text not null,
    state text not null default 'pending',
    attempts integer not null default 0,
    first_attempt_at timestamptz,
    last_attempt_at timestamptz,
    next_attempt_at timestamptz,
    response_code smallint,
    error text,
    created_at timestamptz not null,
    constraint webhook_deliveries_once unique (webhook_id, event_id),
    constraint webhook_deliveries_state_known check (state in ('pending', 'delivered', 'dead')),
    constraint webhook_deliveries_next_only_pending check (state = 'pending' or next_attempt_at is null)
);
comment on table webhook_deliveries is 'One event for one webhook, kept 30 days.';
comment on column webhook_deliveries.event_id is 'Id of the journal entry, sent as webhook-id.';
comment on column webhook_deliveries.subject is 'What the event is about: the order of events holds within it.';
comment on column webhook_deliveries.position is 'Position in the journal; 0 for a test.';
comment on column webhook_deliveries.body is 'The CloudEvent, byte for byte as it is signed and sent.';
comment on column webhook_deliveries.next_attempt_at is 'For people; the lane''s due_at decides.';
create index webhook_deliveries_log on webhook_deliveries (webhook_id, id);
create index webhook_deliveries_waiting on webhook_deliveries (webhook_id, subject, position) where state = 'pending';
create index webhook_deliveries_age on webhook_deliveries (created_at);

create table webhook_lanes (
    webhook_id uuid not null constraint webhook_lanes_webhook_fkey
        references webhooks (id) on delete cascade,
    subject text not null,
    due_at timestamptz not null,
    lease uuid,
    constraint webhook_lanes_pkey primary key (webhook_id, subject)
) with (fillfactor = 70);
comment on table webhook_lanes is 'A subject of a webhook that has pending deliveries. Only the first of them is ever sent, by whoever holds the lease.';
comment on column webhook_lanes.due_at is 'When the first delivery may be tried; while leased, when the lease is over.';
comment on column webhook_lanes.lease is 'Token of the replica that sends; an attempt that ends after its lease changes nothing.';
create index webhook_lanes_due on webhook_lanes (webhook_id, due_at);
