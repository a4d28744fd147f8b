-- A hold of a bank ends by its time. Its prolongation is a referral of its own, which is about the same money.
create table referral_renewals (
    referral_id uuid constraint referral_renewals_pkey primary key
        constraint referral_renewals_referral_fkey references referrals (id) on delete cascade,
    renews uuid not null constraint referral_renewals_renews_fkey references referrals (id) on delete cascade,
    constraint referral_renewals_other check (renews <> referral_id)
);
comment on table referral_renewals is 'Freezes that prolong an earlier one.';
comment on column referral_renewals.renews is 'The freeze that is prolonged.';
create index referral_renewals_renews on referral_renewals (renews);

create table freeze_counts (
    referral_id uuid constraint freeze_counts_pkey primary key
        constraint freeze_counts_referral_fkey references referrals (id) on delete cascade,
    counted_vnd bigint not null,
    constraint freeze_counts_amount check (counted_vnd >= 0)
);
comment on table freeze_counts is 'What counts as frozen once a renewal was answered; without a row the answer itself counts.';
comment on column freeze_counts.counted_vnd is 'In đồng: with the first freeze of a chain what its last answers say, with a renewal nothing.';
