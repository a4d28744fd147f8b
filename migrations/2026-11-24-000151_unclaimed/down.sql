drop index tip_states_critical_waiting;
alter table tip_states drop column unclaimed_told_at;
alter table tip_states drop column unclaimed_since;
