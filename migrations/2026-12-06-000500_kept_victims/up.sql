-- Persons who are looked for may not vanish with the submission that named them: who reported may have what he sent
-- erased. Once a ground is recorded they are sealed beside it, under a data key of their own, and end with the ground.
alter table potential_victim_grounds
    add column key_id text,
    add column wrapped_key bytea,
    add column sealed bytea,
    add constraint potential_victim_grounds_sealed_whole
        check ((key_id is null) = (sealed is null) and (wrapped_key is null) = (sealed is null));
comment on column potential_victim_grounds.key_id is
    'Which identity key wrapped the data key of the persons; null where they stand in the submissions alone.';
