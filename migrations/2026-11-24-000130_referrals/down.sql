alter table cases add column recovered_vnd bigint not null default 0,
    add constraint cases_recovered_not_negative check (recovered_vnd >= 0);
drop table reporter_news;
drop table referral_messages;
drop table referral_indicators;
drop table referrals;
