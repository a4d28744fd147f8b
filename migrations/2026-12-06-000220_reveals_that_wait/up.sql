-- The second officer looks for what waits, among all that was ever shown.
create index reveals_unapproved on reveals (id) where needs_approval and approved_at is null;
