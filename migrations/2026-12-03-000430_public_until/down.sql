alter table indicator_public drop column expires_at;
