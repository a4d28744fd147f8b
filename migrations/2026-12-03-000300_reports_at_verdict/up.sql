-- A number that was cleared may change hands: officers see how many reported it since.
alter table indicator_verdicts add column independent integer;
comment on column indicator_verdicts.independent is
    'Independent reports when it was given; null for those given before this was noted.';
