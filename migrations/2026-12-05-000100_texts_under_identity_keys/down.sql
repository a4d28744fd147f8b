-- What was sealed since opens no more.
alter table indicator_appeals drop column contact_key_id, drop column contact_wrapped_key;
alter table privacy_requests drop column text_key_id, drop column text_wrapped_key;
