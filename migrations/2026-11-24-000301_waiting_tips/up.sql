-- Claims take the most urgent tip that waits. Ordered by score, the index of all open tips served as well in
-- the planner's eyes, and then every claim read past all tips that others had claimed. This order only the
-- index of waiting tips has.
create index tip_states_waiting on tip_states ((-score), tip_id) where status = 'received' and not test;
create index tip_states_waiting_desk on tip_states (desk, (-score), tip_id) where status = 'received' and not test;
drop index tip_states_ready;
drop index tip_states_ready_desk;
