-- A request for a reveal may be declined by a second officer, or taken back by who asked. It has then run out as well
-- (expires_at), so that a replica of the version before does not approve it.
alter table reveals
    add column declined_by text,
    add column declined_at timestamptz,
    add column decline_reason text,
    add constraint reveals_decline_whole check ((declined_by is null) = (declined_at is null)),
    add constraint reveals_decline_reason check (decline_reason is null or declined_at is not null),
    add constraint reveals_decided_once check (approved_at is null or declined_at is null);
comment on column reveals.declined_by is 'Who declined it; who asked, where it was taken back.';
comment on column reveals.decline_reason is 'As stated; what identifies the reporter is hidden in it.';
