delete from reveals where subject = 'potential_victims';
alter table reveals drop constraint reveals_subject_known;
alter table reveals add constraint reveals_subject_known check (subject in ('identity', 'submission', 'attachment'));
drop index submissions_potential_victims;
drop table potential_victim_grounds;
drop table border_traces;
