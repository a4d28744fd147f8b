-- What reporters were told of a result stays theirs: a tip may leave its case, be taken up again or be amended afterwards,
-- while the days run in which the reporter may complain of what was served.
create table told_results (
    tip_id uuid not null constraint told_results_tip_fkey references tips (id) on delete cascade,
    since timestamptz not null,
    told_at timestamptz not null,
    status text not null,
    case_state text constraint told_results_case_state_known
        check (case_state in ('decided_prosecute', 'decided_no_prosecution')),
    reason text,
    constraint told_results_pkey primary key (tip_id, since)
);
comment on table told_results is 'Each result that the reporter of a tip was told, as it was then.';
comment on column told_results.since is 'Since when it was owed.';
comment on column told_results.told_at is 'When it was fetched by receipt, or sent otherwise; the first time counts.';
comment on column told_results.status is 'Status of the tip that it told of.';
comment on column told_results.case_state is 'The decision of the case, where it was one.';
comment on column told_results.reason is 'Class of the reason of a dismissal.';

-- What was told before and stands.
insert into told_results (tip_id, since, told_at, status, case_state)
select s.tip_id, greatest(a.at, s.decided_at), s.result_told_at, 'accepted',
       case a.act when 'prosecuted' then 'decided_prosecute' else 'decided_no_prosecution' end
from tip_states s
join lateral (
    select act, at from case_acts
    where case_id = s.case_id and act in ('prosecuted', 'not_prosecuted') order by at desc, id desc limit 1) a on true
where s.status = 'accepted' and s.result_told_at >= greatest(a.at, s.decided_at);
insert into told_results (tip_id, since, told_at, status, reason)
select s.tip_id, s.decided_at, s.result_told_at, s.status, (
    select d.reason from tip_decisions d where d.tip_id = s.tip_id and d.undone_at is null
    order by d.decided_at desc, d.id desc limit 1)
from tip_states s
where s.status = 'dismissed' and s.result_told_at >= s.decided_at;
