-- An official entry ends only by two admins: what shall take its place waits beside it.

alter table indicator_verdicts add column waits boolean not null default false;
comment on column indicator_verdicts.waits is 'Proposed in place of an official entry, which stands until a second admin approves.';
comment on table indicator_verdicts is 'Every verdict ever given; the one without ended_at is in force or waits for approval.';
drop index indicator_verdicts_current;
create unique index indicator_verdicts_current on indicator_verdicts (key) where ended_at is null and not waits;
create unique index indicator_verdicts_proposed on indicator_verdicts (key) where ended_at is null and waits;

-- What the feeds carry, in the order in which it changed.
create index indicator_public_feeds on indicator_public (position, key) where was_confirmed;
