delete from reveals where subject = 'personal_data';
alter table reveals drop constraint reveals_subject_known;
alter table reveals add constraint reveals_subject_known
    check (subject in ('identity', 'submission', 'attachment', 'potential_victims'));
alter table privacy_requests
    drop constraint privacy_requests_lifted_whole,
    drop constraint privacy_requests_lifted_restriction,
    drop column lifted_at,
    drop column lifted_by,
    drop column lift_reason;
drop index tip_states_restricted;
alter table tip_states drop column restricted_at;
