drop table attachment_custody;
drop table attachments;
