delete from journal_consumers where name = 'limits';
drop table tip_announcements;
comment on column cases.announced_until is 'What came before is announced.';
alter table cases drop column announced;
