drop table upload_parts;
drop table uploads;
