drop table audited_tokens;
drop index journal_at;
