alter table tip_states drop column passed_on_at, drop column commune;
