alter table clients
    alter column secret_known_to drop not null,
    alter column secret_known_to drop default,
    alter column secret_known_to type text using secret_known_to[1];
comment on column clients.secret_known_to is 'Who was shown the secret.';
