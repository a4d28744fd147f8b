alter table reveals drop column object_id;
