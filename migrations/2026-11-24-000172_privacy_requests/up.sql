-- Requests of data subjects (law 91/2025, NĐ 356/2025 art. 5) with their deadlines.

create table privacy_requests (
    id uuid constraint privacy_requests_pkey primary key,
    kind text not null,
    state text not null,
    tip_id uuid constraint privacy_requests_tip_fkey references tips (id) on delete set null,
    recorded_by text,
    text bytea,
    received_at timestamptz not null,
    acknowledge_by timestamptz not null,
    due_at timestamptz not null,
    acknowledged_at timestamptz,
    acknowledged_by text,
    extended_at timestamptz,
    extended_by text,
    extension_reason text,
    decision_reason text,
    decision_ground text,
    decided_at timestamptz,
    decided_by text,
    constraint privacy_requests_kind_known check (kind in ('access', 'correction', 'restriction', 'erasure', 'withdrawal')),
    constraint privacy_requests_state_known check (state in ('received', 'acknowledged', 'granted', 'refused')),
    constraint privacy_requests_acknowledged_whole check ((acknowledged_at is null) = (acknowledged_by is null)),
    constraint privacy_requests_extended_whole check (
        (extended_at is null) = (extended_by is null) and (extended_at is null) = (extension_reason is null)),
    constraint privacy_requests_decided_whole check (
        (decided_at is null) = (state in ('received', 'acknowledged')) and (decided_at is null) = (decided_by is null))
);
comment on table privacy_requests is 'What people ask about their own data, and what became of it.';
comment on column privacy_requests.tip_id is 'The tip of the receipt, or the one that the administrator names; null once it is gone.';
comment on column privacy_requests.recorded_by is 'The administrator who wrote it down; null where it came by receipt.';
comment on column privacy_requests.text is 'In the person''s words, sealed.';
create index privacy_requests_tip on privacy_requests (tip_id, id) where tip_id is not null;
create index privacy_requests_open on privacy_requests (due_at, id) where decided_at is null;
create index privacy_requests_decided on privacy_requests (decided_at, id) where decided_at is not null;
create unique index privacy_requests_one_open on privacy_requests (tip_id, kind) where decided_at is null and tip_id is not null;
