delete from indicator_public where cleared and not was_confirmed;
alter table indicator_public drop column cleared;
