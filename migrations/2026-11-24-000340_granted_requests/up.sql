-- What a granted request of a data subject leads to: all that is held is handed over, or its use is
-- restricted until that is lifted.

alter table tip_states add column restricted_at timestamptz;
comment on column tip_states.restricted_at is 'Since when a granted request restricts its use: it is kept, and not used any more.';
create index tip_states_restricted on tip_states (tip_id) where restricted_at is not null;

alter table privacy_requests
    add column lifted_at timestamptz,
    add column lifted_by text,
    add column lift_reason text,
    add constraint privacy_requests_lifted_whole check (
        (lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lift_reason is null)),
    add constraint privacy_requests_lifted_restriction check (
        lifted_at is null or kind = 'restriction' and state = 'granted');
comment on column privacy_requests.lifted_at is 'When the restriction that it led to ended.';

alter table reveals drop constraint reveals_subject_known;
alter table reveals add constraint reveals_subject_known
    check (subject in ('identity', 'submission', 'attachment', 'potential_victims', 'personal_data'));
