-- A case of thousands of tips is read page by page: the tips of a case in the order of reception.
drop index tip_states_case;
create index tip_states_case on tip_states (case_id, tip_id desc) where case_id is not null;
