drop table tip_unread;
