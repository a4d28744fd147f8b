drop index tip_states_case;
create index tip_states_case on tip_states (case_id) where case_id is not null;
