create index tip_messages_unread on tip_messages (tip_id) where from_reporter and read_at is null;
comment on index tip_messages_unread is 'Tips whose reporter waits to be read.';
