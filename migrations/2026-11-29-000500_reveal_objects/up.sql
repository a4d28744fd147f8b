-- An approval opens one thing: of several files or submissions of a tip each is asked for by itself.
alter table reveals add column object_id uuid;
comment on column reveals.object_id is 'Which submission or file, where the subject is one; an approval opens no other.';
