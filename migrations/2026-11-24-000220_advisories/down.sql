drop index indicator_public_changed;
alter table indicator_public drop constraint indicator_public_confirmed_whole,
    drop column changed_at, drop column confirmed_at;
drop table advisory_revisions;
drop table advisories;
