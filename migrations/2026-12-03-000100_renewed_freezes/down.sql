drop table freeze_counts;
drop table referral_renewals;
