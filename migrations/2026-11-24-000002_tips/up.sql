-- Tips: what a citizen said (tips, submissions, reporter_identities, receipts), what it points at
-- (indicators, tip_indicators) and where it stands (tip_states: narrow, hot, serves the queue).

create table tips (
    id uuid constraint tips_pkey primary key,
    received_at timestamptz not null,
    client_id text not null,
    device_id text,
    test boolean not null default false,
    anonymous boolean not null,
    method text,
    channel text,
    language text,
    narrative text,
    raw_message text,
    occurred_at timestamptz,
    written_at timestamptz,
    unit_code text,
    place text,
    in_danger_now boolean not null default false,
    attachments_announced smallint not null default 0,
    loss_vnd bigint not null default 0,
    last_transfer_at timestamptz,
    details jsonb not null,
    constraint tips_loss_not_negative check (loss_vnd >= 0),
    constraint tips_attachments_not_negative check (attachments_announced >= 0)
);
comment on table tips is 'What was told, as officers work with it. The bytes that came are in submissions.';
comment on column tips.narrative is 'Secrets that the reporter should not have typed are masked; else as sent.';
comment on column tips.details is 'Losses, victim, reception, suspects, witnesses, warnings as shown; never the reporter.';
comment on column tips.loss_vnd is 'Sum of the losses, in đồng.';
comment on column tips.device_id is 'sub of the device token the tip came with.';
create index tips_received on tips (received_at desc, id desc);

create table tip_states (
    tip_id uuid constraint tip_states_pkey primary key
        constraint tip_states_tip_fkey references tips (id) on delete cascade,
    received_at timestamptz not null,
    status text not null,
    desk text not null,
    unit_code text,
    method text,
    methods text[] not null default '{}',
    source_kind text not null,
    score smallint not null,
    level text not null,
    reasons jsonb not null,
    reprioritise_at timestamptz,
    due_at timestamptz,
    claimed_by text,
    lease_expires_at timestamptz,
    case_id uuid,
    decided_at timestamptz,
    classified_at timestamptz,
    version integer not null default 1,
    updated_at timestamptz not null,
    test boolean not null default false,
    constraint tip_states_status_known check (status in
        ('received', 'claimed', 'info_requested', 'accepted', 'dismissed', 'duplicate', 'transferred', 'withdrawn')),
    constraint tip_states_level_known check (level in ('critical', 'high', 'normal', 'low')),
    constraint tip_states_source_kind_known check (source_kind in ('to_giac', 'tin_bao', 'kien_nghi_khoi_to')),
    constraint tip_states_score_range check (score between 0 and 100),
    constraint tip_states_claim_whole check (
        (status = 'claimed') = (claimed_by is not null) and (claimed_by is null) = (lease_expires_at is null))
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
comment on table tip_states is 'Where each tip stands: the one row that triage changes.';
comment on column tip_states.methods is 'The officer''s labels; method is the reporter''s.';
comment on column tip_states.reprioritise_at is 'When the recovery window closes a step further.';
comment on column tip_states.due_at is 'When it must be classified: 24 h after reception (TTLT 01/2017 art. 8).';
comment on column tip_states.version is 'Moves with edits by people, not with a recomputed priority.';
create index tip_states_ready on tip_states (score desc, tip_id) where status = 'received' and not test;
create index tip_states_ready_desk on tip_states (desk, score desc, tip_id) where status = 'received' and not test;
create index tip_states_open on tip_states (score desc, tip_id) where status in ('received', 'claimed', 'info_requested') and not test;
create index tip_states_open_desk on tip_states (desk, score desc, tip_id) where status in ('received', 'claimed', 'info_requested') and not test;
create index tip_states_lease on tip_states (lease_expires_at) where status = 'claimed';
create index tip_states_reprioritise on tip_states (reprioritise_at) where status in ('received', 'claimed', 'info_requested');
create index tip_states_due on tip_states (due_at, tip_id) where status in ('received', 'claimed', 'info_requested') and not test;
create index tip_states_desk_received on tip_states (desk, tip_id desc);
create index tip_states_status_received on tip_states (status, tip_id desc);
create index tip_states_unit_received on tip_states (unit_code, tip_id desc) where unit_code is not null;
create index tip_states_case on tip_states (case_id) where case_id is not null;

create table submissions (
    id uuid constraint submissions_pkey primary key,
    tip_id uuid not null constraint submissions_tip_fkey references tips (id) on delete cascade,
    received_at timestamptz not null,
    client_id text not null,
    content_type text not null,
    size integer not null,
    digest bytea not null,
    key_id text not null,
    wrapped_key bytea,
    sealed bytea,
    body jsonb not null,
    withheld jsonb not null,
    constraint submissions_digest_length check (octet_length(digest) = 32),
    constraint submissions_sealed_whole check ((wrapped_key is null) = (sealed is null))
);
comment on table submissions is 'What was sent, byte for byte, sealed under a key of its own (TT 28/2020 art. 5: no change of form or content).';
comment on column submissions.digest is 'SHA-256 over a random salt and the bytes; the salt is sealed with them and in the reporter''s attestation.';
comment on column submissions.wrapped_key is 'The data key under the identity key key_id; destroyed on erasure, and the bytes with it.';
comment on column submissions.body is 'What was sent with the reporter and masked spans withheld.';
create index submissions_tip on submissions (tip_id, id);

create table reporter_identities (
    tip_id uuid constraint reporter_identities_pkey primary key
        constraint reporter_identities_tip_fkey references tips (id) on delete cascade,
    key_id text not null,
    wrapped_key bytea not null,
    fields jsonb not null,
    created_at timestamptz not null
);
comment on table reporter_identities is 'Who reported, each field sealed on its own; apart from the tip and never joined by a list.';
comment on column reporter_identities.fields is 'Field name to base64 of nonce and ciphertext; the tip id is the associated data.';

create table reporter_blind_indexes (
    hash bytea not null,
    tip_id uuid not null constraint reporter_blind_indexes_tip_fkey
        references reporter_identities (tip_id) on delete cascade,
    constraint reporter_blind_indexes_pkey primary key (hash, tip_id)
);
comment on table reporter_blind_indexes is 'Keyed hashes of phone, e-mail and ID number: finds tips of one reporter without decrypting.';
create index reporter_blind_indexes_tip on reporter_blind_indexes (tip_id);

create table receipts (
    hash bytea constraint receipts_pkey primary key,
    tip_id uuid not null constraint receipts_tip_fkey references tips (id) on delete cascade,
    created_at timestamptz not null,
    withdrawn_at timestamptz,
    constraint receipts_tip_key unique (tip_id),
    constraint receipts_hash_length check (octet_length(hash) = 32)
);
comment on table receipts is 'Keyed hashes of receipts; the receipt itself is only on the reporter''s paper.';

create table indicators (
    key bytea constraint indicators_pkey primary key,
    id uuid not null constraint indicators_id_key unique,
    kind text not null,
    value text not null,
    display text not null,
    attributes jsonb not null,
    first_seen timestamptz not null,
    constraint indicators_key_length check (octet_length(key) = 32),
    constraint indicators_kind_known check (kind in ('phone', 'url', 'email', 'bank_account', 'ewallet',
        'social_account', 'messaging_account', 'crypto_address', 'app', 'sms_sender', 'payment_qr'))
);
comment on table indicators is 'Canonical scam traces. An indicator is an allegation, not a finding (BLTTHS art. 57).';
comment on column indicators.key is 'SHA-256 of kind:value, made by whoever writes: intake needs no look-up to link a tip.';
create index indicators_kind_value on indicators (kind, value text_pattern_ops);

create table tip_indicators (
    tip_id uuid not null constraint tip_indicators_tip_fkey references tips (id) on delete cascade,
    ordinal smallint not null,
    kind text not null,
    indicator_key bytea constraint tip_indicators_indicator_fkey references indicators (key),
    raw text,
    source text not null,
    role text,
    reason text,
    attributes jsonb not null,
    constraint tip_indicators_pkey primary key (tip_id, ordinal),
    constraint tip_indicators_source_known check (source in ('reported', 'extracted', 'derived')),
    constraint tip_indicators_valid_or_reason check ((indicator_key is null) = (reason is not null))
);
comment on table tip_indicators is 'Edges only from tip to indicator, so that correlation stays linear.';
comment on column tip_indicators.raw is 'As written by the reporter; null where it was extracted and is in the narrative.';
comment on column tip_indicators.reason is 'Why it could not be read; then there is no indicator.';
create index tip_indicators_indicator on tip_indicators (indicator_key, tip_id desc) where indicator_key is not null;

create table register (
    year smallint not null,
    seq integer not null,
    tip_id uuid not null constraint register_tip_key unique,
    number text not null constraint register_number_key unique,
    received_at timestamptz not null,
    constraint register_pkey primary key (year, seq)
);
comment on table register is 'Form 294: gapless within a year of Asia/Ho_Chi_Minh, in the order of the journal. A purged tip leaves its row, hence no foreign key.';

create table tip_decisions (
    id uuid constraint tip_decisions_pkey primary key,
    tip_id uuid not null constraint tip_decisions_tip_fkey references tips (id) on delete cascade,
    decision text not null,
    reason text,
    note text,
    case_id uuid,
    duplicate_of uuid constraint tip_decisions_duplicate_fkey references tips (id) on delete set null,
    agency text,
    decided_by text not null,
    decided_at timestamptz not null,
    state_before jsonb not null,
    undone_at timestamptz,
    constraint tip_decisions_decision_known check (decision in ('accept', 'dismiss', 'duplicate', 'request_info', 'transfer'))
);
comment on table tip_decisions is 'Each decision with its reason; an undone one stays, marked.';
create index tip_decisions_tip on tip_decisions (tip_id, decided_at desc);
create index tip_decisions_duplicate on tip_decisions (duplicate_of) where duplicate_of is not null;

create table tip_notes (
    id uuid constraint tip_notes_pkey primary key,
    tip_id uuid not null constraint tip_notes_tip_fkey references tips (id) on delete cascade,
    author text not null,
    text text not null,
    created_at timestamptz not null
);
comment on table tip_notes is 'Officers'' notes; never shown to a reporter.';
create index tip_notes_tip on tip_notes (tip_id, id);

create table tip_messages (
    id uuid constraint tip_messages_pkey primary key,
    tip_id uuid not null constraint tip_messages_tip_fkey references tips (id) on delete cascade,
    from_reporter boolean not null,
    author text,
    text text not null,
    created_at timestamptz not null,
    read_at timestamptz,
    constraint tip_messages_author_whole check (from_reporter = (author is null))
);
comment on table tip_messages is 'Two-way, without identity: the receipt is the address.';
create index tip_messages_tip on tip_messages (tip_id, id);

create table cases (
    id uuid constraint cases_pkey primary key,
    year smallint not null,
    seq integer not null,
    number text not null constraint cases_number_key unique,
    title text not null,
    summary text,
    state text not null,
    desk text not null,
    assignee text,
    methods text[] not null default '{}',
    received_at timestamptz not null,
    opened_at timestamptz not null,
    opened_by text not null,
    version integer not null default 1,
    updated_at timestamptz not null,
    constraint cases_year_seq_key unique (year, seq)
);
comment on table cases is 'Matters under the Criminal Procedure Code, from accepted on.';
comment on column cases.received_at is 'Reception of its earliest tip: where the clocks start.';
alter table tip_states add constraint tip_states_case_fkey foreign key (case_id) references cases (id);
alter table tip_decisions add constraint tip_decisions_case_fkey foreign key (case_id) references cases (id);
create index tip_decisions_case on tip_decisions (case_id) where case_id is not null;

create table number_counters (
    name text not null,
    year smallint not null,
    last integer not null,
    constraint number_counters_pkey primary key (name, year)
);
comment on table number_counters is 'Last number given, for series that must be gapless within a year.';
create index tips_trials on tips (received_at) where test;
