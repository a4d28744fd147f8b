drop trigger tip_states_deleted on tip_states;
drop trigger tip_states_updated on tip_states;
drop trigger tip_states_inserted on tip_states;
drop function note_open_tips;
drop table open_tip_counts;
drop table open_tip_changes;
