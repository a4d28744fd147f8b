drop trigger journal_checkpoints_append_only on journal_checkpoints;
drop trigger journal_append_only on journal;
drop function refuse_change();
alter table journal_checkpoints drop column number;
