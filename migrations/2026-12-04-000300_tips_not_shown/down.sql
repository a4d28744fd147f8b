drop index tip_states_not_shown;
drop index tip_indicators_holder;
