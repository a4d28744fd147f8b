-- The way of a tip through the police of a commune (TTLT 01/2017 art. 8(5)).

alter table tip_states
    add column commune text,
    add column passed_on_at timestamptz;
comment on column tip_states.commune is 'Code of the commune whose desk received the tip; null where another desk did.';
comment on column tip_states.passed_on_at is 'When the commune handed it over to a desk of the province.';
update tip_states set commune = substring(desk from '^commune_(.+)$') where desk like 'commune\_%';

-- What is due follows from other facts now: the announcer reads every running clock anew.
update cases set announce_at = least(announce_at, now()) where next_due_at is not null and merged_into is null;
