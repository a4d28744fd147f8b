-- An indicator of a viral scam stands in tips that lie far apart, and its view visited each of them.
-- Trials and restricted tips are few: whoever may see all others asks this index which ones to leave out.
create index tip_states_not_shown on tip_states (tip_id) where test or restricted_at is not null;
-- Few edges tell whose account it is.
create index tip_indicators_holder on tip_indicators (indicator_key, tip_id desc) where attributes ? 'holder_name';
