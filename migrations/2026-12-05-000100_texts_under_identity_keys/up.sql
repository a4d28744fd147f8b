-- What people write about their own data, and how those who object are reached, is sealed like identities: under a data
-- key of its own that the identity keys wrap. Rows of the version before have none; they stay as they are, and open by
-- the key that is derived from the receipt key.
alter table privacy_requests
    add column text_key_id text,
    add column text_wrapped_key bytea,
    add constraint privacy_requests_text_key_whole check ((text_key_id is null) = (text_wrapped_key is null));
comment on column privacy_requests.text_key_id is
    'Which identity key wrapped the text''s data key; null where an earlier version sealed it.';
alter table indicator_appeals
    add column contact_key_id text,
    add column contact_wrapped_key bytea,
    add constraint indicator_appeals_contact_key_whole check ((contact_key_id is null) = (contact_wrapped_key is null));
comment on column indicator_appeals.contact_key_id is
    'Which identity key wrapped the contact''s data key; null where an earlier version sealed it.';
