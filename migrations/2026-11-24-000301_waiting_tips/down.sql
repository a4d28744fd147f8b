create index tip_states_ready on tip_states (score desc, tip_id) where status = 'received' and not test;
create index tip_states_ready_desk on tip_states (desk, score desc, tip_id) where status = 'received' and not test;
drop index tip_states_waiting_desk;
drop index tip_states_waiting;
