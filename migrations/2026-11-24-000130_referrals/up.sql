-- Referrals: each agency's purpose-limited share of a tip or case, and its answer.

create table referrals (
    id uuid constraint referrals_pkey primary key,
    kind text not null,
    agency text not null,
    state text not null,
    tip_id uuid constraint referrals_tip_fkey references tips (id) on delete set null,
    case_id uuid constraint referrals_case_fkey references cases (id),
    amount_vnd bigint,
    legal_basis text,
    document_number text,
    note text,
    disclose text[] not null,
    created_by text not null,
    created_at timestamptz not null,
    proposal text constraint referrals_proposal_key unique,
    follows uuid constraint referrals_follows_fkey references referrals (id),
    reported_at timestamptz not null,
    sent_by text,
    sent_at timestamptz,
    due_at timestamptz,
    expires_at timestamptz,
    remind_at timestamptz,
    reminders smallint not null default 0,
    acknowledged_at timestamptz,
    closed_by text,
    closed_at timestamptz,
    outcome text,
    answer text,
    answer_amount_vnd bigint,
    evidence_url text,
    reopened integer not null default 0,
    version integer not null default 1,
    updated_at timestamptz not null,
    constraint referrals_kind_known check (kind in ('freeze_funds', 'verify_subscriber', 'block_number', 'takedown',
        'border_alert', 'publicise', 'local_followup', 'transfer_jurisdiction', 'notify_procuracy')),
    constraint referrals_state_known check (state in
        ('proposed', 'discarded', 'sent', 'acknowledged', 'completed', 'declined', 'recalled')),
    constraint referrals_sent_whole check ((sent_at is null) = (state in ('proposed', 'discarded'))
        and (sent_by is null) = (sent_at is null)),
    constraint referrals_closed_whole check ((closed_at is null) = (closed_by is null)
        and (closed_at is null) = (state in ('proposed', 'sent', 'acknowledged'))),
    constraint referrals_outcome_whole check ((outcome is not null) = (state = 'completed')),
    constraint referrals_amounts check (amount_vnd > 0 and answer_amount_vnd >= 0),
    constraint referrals_freeze_limited check (kind <> 'freeze_funds' or state = 'discarded' or amount_vnd is not null),
    constraint referrals_freeze_within check (answer_amount_vnd <= amount_vnd)
);
comment on table referrals is 'What an agency was asked to do, and what became of it. The tip and the case stay with the police.';
comment on column referrals.tip_id is 'Null once the tip is purged.';
comment on column referrals.amount_vnd is 'What a freeze asks for at most, in đồng: the reported amount.';
comment on column referrals.disclose is 'What the agency may see beside the request itself.';
comment on column referrals.proposal is 'The rule and what it is about, so that it proposes once; null where an officer drew it up.';
comment on column referrals.follows is 'The freeze whose answer named the account that the money went on to.';
comment on column referrals.reported_at is 'Reception of the tip: from here the minutes are counted.';
comment on column referrals.remind_at is 'When it is next to be called to mind.';
comment on column referrals.answer_amount_vnd is 'What was frozen, in đồng.';
comment on column referrals.evidence_url is 'Where the agency shows that it is done.';
comment on column referrals.reopened is 'How often removed content came back.';
create index referrals_agency on referrals (agency, id desc) where state not in ('proposed', 'discarded');
create index referrals_state on referrals (state, id desc);
create index referrals_tip on referrals (tip_id) where tip_id is not null;
create index referrals_case on referrals (case_id) where case_id is not null;
create index referrals_follows on referrals (follows) where follows is not null;
create index referrals_remind on referrals (remind_at) where remind_at is not null;
create index referrals_sent on referrals (sent_at) where sent_at is not null;

create table referral_indicators (
    referral_id uuid not null constraint referral_indicators_referral_fkey references referrals (id) on delete cascade,
    ordinal smallint not null,
    indicator_key bytea not null constraint referral_indicators_indicator_fkey references indicators (key),
    outcome text,
    amount_vnd bigint,
    answered_at timestamptz,
    constraint referral_indicators_pkey primary key (referral_id, indicator_key),
    constraint referral_indicators_amount check (amount_vnd >= 0)
);
comment on table referral_indicators is 'What a referral is about, and the answer for each.';
comment on column referral_indicators.amount_vnd is 'What was frozen there, in đồng.';
create index referral_indicators_indicator on referral_indicators (indicator_key, referral_id);

create table referral_messages (
    id uuid constraint referral_messages_pkey primary key,
    referral_id uuid not null constraint referral_messages_referral_fkey references referrals (id) on delete cascade,
    from_agency boolean not null,
    author text not null,
    text text not null,
    created_at timestamptz not null
);
comment on table referral_messages is 'Questions of the agency and answers of the police.';
create index referral_messages_referral on referral_messages (referral_id, id);

create table reporter_news (
    id uuid constraint reporter_news_pkey primary key,
    tip_id uuid not null constraint reporter_news_tip_fkey references tips (id) on delete cascade,
    code text not null,
    amount_vnd bigint,
    at timestamptz not null,
    released_by text,
    referral_id uuid constraint reporter_news_referral_fkey references referrals (id) on delete set null,
    constraint reporter_news_once unique nulls not distinct (tip_id, code, referral_id)
);
comment on table reporter_news is 'What came of a tip, as its reporter may read it behind the receipt.';
comment on column reporter_news.released_by is 'The officer who released it; null for the outcome of a freeze, which goes by itself.';
create index reporter_news_referral on reporter_news (referral_id) where referral_id is not null;

alter table cases drop column recovered_vnd;
