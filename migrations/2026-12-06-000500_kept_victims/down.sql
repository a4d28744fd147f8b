-- Persons whose submission was erased meanwhile are gone with it.
alter table potential_victim_grounds drop column key_id, drop column wrapped_key, drop column sealed;
