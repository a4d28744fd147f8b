drop table case_holds;
drop table case_notes;
drop table case_members;
drop table case_acts;
drop index cases_merged_into, cases_announce, cases_due, cases_assignee, cases_state, cases_desk;
alter table cases
    drop constraint cases_recovered_not_negative,
    drop column merged_into,
    drop column recovered_vnd,
    drop column announced_until,
    drop column announce_at,
    drop column next_due_at,
    drop column decision;
