-- A hold is lifted by two people: one asks, an administrator approves.
alter table case_holds
    add column lift_requested_by text,
    add column lift_requested_at timestamptz,
    add constraint case_holds_lift_whole check ((lift_requested_by is null) = (lift_requested_at is null));
comment on column case_holds.lift_requested_by is 'Who asked that it be lifted; another person has to approve.';
