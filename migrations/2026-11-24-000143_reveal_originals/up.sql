-- The original of a file is revealed like the sealed submission.
alter table reveals drop constraint reveals_subject_known;
alter table reveals add constraint reveals_subject_known check (subject in ('identity', 'submission', 'attachment'));
