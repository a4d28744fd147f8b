-- What is sealed for its name opens no more for a program that does not know of it.
do $$ begin
    if exists (select 1 from reporter_identities where sealed_as <> 1) then
        raise exception 'identities are sealed in a form that an older program cannot open';
    end if;
end $$;
alter table reporter_identities drop column sealed_as;
comment on column reporter_identities.fields is 'Field name to base64 of nonce and ciphertext; the tip id is the associated data.';
