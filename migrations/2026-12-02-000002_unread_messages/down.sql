drop index tip_messages_unread;
