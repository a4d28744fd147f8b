-- A proposal falls with the tip that it comes from, and rises again with it. One that an officer discarded
-- stays discarded, so the two are told apart.
create table referral_lapses (
    referral_id uuid constraint referral_lapses_pkey primary key
        constraint referral_lapses_referral_fkey references referrals (id) on delete cascade,
    at timestamptz not null
);
comment on table referral_lapses is 'Proposals that were discarded by themselves because their tip was dismissed or withdrawn.';
