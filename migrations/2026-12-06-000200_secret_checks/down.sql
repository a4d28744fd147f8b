alter table clients drop column secret_check;
