alter table clients drop column secret_known_to;
