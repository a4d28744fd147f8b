-- The next critical tip to call for is found by one look, however many wait.

drop index tip_states_critical_waiting;
create index tip_states_critical_waiting on tip_states ((greatest(
        case status when 'claimed' then lease_expires_at else coalesce(unclaimed_since, received_at) end,
        unclaimed_told_at)))
    where level = 'critical' and status in ('received', 'claimed') and not test;
comment on index tip_states_critical_waiting is 'Since when each critical tip waits, or was last called for.';
