drop table referral_recorded_answers;
