drop index indicator_public_feeds;
delete from indicator_verdicts where waits;
drop index indicator_verdicts_proposed;
drop index indicator_verdicts_current;
create unique index indicator_verdicts_current on indicator_verdicts (key) where ended_at is null;
alter table indicator_verdicts drop column waits;
