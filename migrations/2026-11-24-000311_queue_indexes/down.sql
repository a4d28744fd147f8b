drop index tip_states_open_flood;
drop index tip_states_open_level;
drop index tip_states_open_received;
drop index tip_states_open_filters;
drop extension btree_gin;
