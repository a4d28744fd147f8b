delete from reveals where subject = 'attachment';
alter table reveals drop constraint reveals_subject_known;
alter table reveals add constraint reveals_subject_known check (subject in ('identity', 'submission'));
