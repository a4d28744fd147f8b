drop table idempotency_keys;
drop table journal_consumers;
drop table journal_checkpoints;
drop table journal;
drop table journal_pending;
