-- A program acts for whoever was shown its secret: it is no second person beside that one.
alter table clients add column secret_known_to text;
comment on column clients.secret_known_to is 'Who was shown the secret.';
update clients set secret_known_to = created_by where kind = 'confidential';
