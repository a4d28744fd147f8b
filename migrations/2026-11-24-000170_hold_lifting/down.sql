alter table case_holds drop column lift_requested_by, drop column lift_requested_at;
