-- The law has the reporters told of a suspension within 24 hours and of a resumption within three days as well
-- (BLTTHS arts. 148(2), 149(2)). Of each only the last one of its case counts.
create table process_notices (
    tip_id uuid not null constraint process_notices_tip_fkey references tips (id) on delete cascade,
    code text not null constraint process_notices_code_known
        check (code in ('send_suspension_reporter', 'notify_resumption')),
    released_at timestamptz,
    told_at timestamptz,
    constraint process_notices_pkey primary key (tip_id, code)
);
comment on table process_notices is 'What the reporters of tips were told of the suspension and the resumption of their case.';
comment on column process_notices.code is 'Code of the deadline that it meets.';
comment on column process_notices.released_at is 'When an officer put it on the receipt of a tip that only joined its case, or repeats one of it.';
comment on column process_notices.told_at is 'When it was fetched by receipt, or sent otherwise.';
