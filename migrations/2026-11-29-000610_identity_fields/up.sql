-- A field of an identity is sealed for its name too, so that the phone number of a reporter cannot be put in the
-- place of the e-mail address. 'tinbao keys rotate' seals the older ones anew.
alter table reporter_identities
    add column sealed_as smallint not null default 1
        constraint reporter_identities_sealed_as_known check (sealed_as in (1, 2));
comment on column reporter_identities.sealed_as is 'What is the associated data of a field: 1 the tip id alone, 2 the tip id and the name of the field.';
comment on column reporter_identities.fields is 'Field name to base64 of nonce and ciphertext; sealed_as says for what.';
create index reporter_identities_old on reporter_identities (tip_id) where sealed_as = 1;
comment on index reporter_identities_old is 'Those that are to be sealed anew: none, once that is done.';
