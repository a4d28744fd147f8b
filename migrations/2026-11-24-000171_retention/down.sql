alter table cases drop column purged_at;
alter table register drop column purged_at, drop column desk, drop column unit_code;
alter table tip_states drop column anonymised_at;
drop index tip_states_ended;
drop table retention;
