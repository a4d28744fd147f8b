drop index tip_states_critical_waiting;
create index tip_states_critical_waiting on tip_states (tip_id)
    where level = 'critical' and status in ('received', 'claimed') and not test;
