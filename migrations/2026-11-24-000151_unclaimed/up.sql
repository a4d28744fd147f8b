-- Calls for critical tips that nobody has claimed.

alter table tip_states add column unclaimed_since timestamptz;
alter table tip_states add column unclaimed_told_at timestamptz;
comment on column tip_states.unclaimed_since is 'When the tip last went back to the queue; absent is received_at.';
comment on column tip_states.unclaimed_told_at is 'When tip.unclaimed was last sent.';
create index tip_states_critical_waiting on tip_states (tip_id)
    where level = 'critical' and status in ('received', 'claimed') and not test;
