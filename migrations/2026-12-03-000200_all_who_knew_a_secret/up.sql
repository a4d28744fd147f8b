-- Whoever was ever shown a secret stays one behind the program: what was done under the old one may still wait.
alter table clients
    alter column secret_known_to type text[]
        using case when secret_known_to is null then '{}' else array[secret_known_to] end,
    alter column secret_known_to set default '{}',
    alter column secret_known_to set not null;
comment on column clients.secret_known_to is 'Who was ever shown its secret.';
