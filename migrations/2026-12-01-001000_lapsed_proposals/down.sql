drop table referral_lapses;
