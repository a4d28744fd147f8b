alter table tip_states drop column reached_at;
