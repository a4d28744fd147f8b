-- What a citizen tells at the counter or by telephone is received then, not when an officer enters it: the
-- limits of the law run from there (BLTTHS art. 147(1), TTLT 01/2017 art. 8).
alter table tip_states
    add column reached_at timestamptz,
    add constraint tip_states_reached_first check (reached_at <= received_at);
comment on column tip_states.reached_at is 'When it had reached the police, where an officer entered it later; null where it came as it was entered.';
