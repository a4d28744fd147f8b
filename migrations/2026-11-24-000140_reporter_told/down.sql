alter table tip_states drop column result_told_at;
alter table tip_states drop column reception_told_at;
