alter table uploads drop constraint uploads_attachment_fkey;
drop index uploads_attachment;
alter table case_acts drop constraint case_acts_act_known;
alter table cases drop constraint cases_state_known;
