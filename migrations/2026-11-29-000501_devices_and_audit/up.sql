-- What became of a device's earlier tips, as a hint in triage.
create index tips_device on tips (device_id, id) where device_id is not null;
-- The audit by client, and by agency for its own auditors.
create index journal_client on journal (client_id, position);
create index journal_agency on journal (agency, position) where agency is not null;
