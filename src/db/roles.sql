-- What the service may do: read and write rows, change no schema, and rewrite no record that only
-- grows. Runs after every migration, as the owner of the tables, and may run any number of times.
do $$
declare
    item record;
begin
    -- One migration at a time in a database; roles belong to the whole cluster.
    perform pg_advisory_xact_lock(x'74696e62616f0003'::bigint);
    if not exists (select from pg_roles where rolname = 'tinbao_service') then
        begin
            create role tinbao_service nologin;
        exception
            -- Another database's migration was faster.
            when duplicate_object or unique_violation then null;
            -- The owner may not make roles: an administrator makes it, and the next run grants.
            when insufficient_privilege then
                raise warning 'role tinbao_service is absent, and this role may not make it';
                return;
        end;
    end if;

    execute format('grant usage on schema %I to tinbao_service', current_schema());
    for item in
        select c.oid::regclass as name from pg_class c
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
          and pg_has_role(c.relowner, 'usage')
    loop
        execute format('grant select, insert, update, delete on %s to tinbao_service', item.name);
    end loop;

    -- The journal and its checkpoints: written once.
    revoke update, delete on journal, journal_checkpoints from tinbao_service;
    -- What waits for its number is taken away by it, and not rewritten before either.
    revoke update on journal_pending from tinbao_service;
    -- What happened to evidence and in a case is added to, never rewritten; a log of custody ends with its
    -- file, by the owner's cascade.
    revoke update, delete on attachment_custody, case_acts from tinbao_service;
    -- The text of an act ends with its case; what was done, when and by whom stays.
    grant update (note) on case_acts to tinbao_service;
    -- Which tips a case had, and when: a membership ends, and is never deleted or given to another tip.
    revoke update, delete on case_members from tinbao_service;
    grant update (removed_by, removed_at) on case_members to tinbao_service;
    -- Numbers of the register stand for ever; a purge notes when, and who may see the row.
    revoke update, delete on register from tinbao_service;
    grant update (purged_at, desk, unit_code) on register to tinbao_service;
    -- What the public was told stays on record.
    revoke update, delete on advisory_revisions from tinbao_service;
    -- Of a submission only the key changes, and on erasure what hangs on it; never digest, time or sender.
    revoke update on submissions from tinbao_service;
    grant update (key_id, wrapped_key, sealed, body, withheld) on submissions to tinbao_service;
    -- Of a file only the key changes: never whose it is, what it is, who sent it and when. It goes as a whole.
    revoke update on attachments, upload_parts, evidence_objects from tinbao_service;
    grant update (key_id, wrapped_key) on attachments, upload_parts to tinbao_service;
    -- Of an identity the fields and their key, never the tip; what finds it again is written once.
    revoke update on reporter_identities, reporter_blind_indexes from tinbao_service;
    grant update (key_id, wrapped_key, fields, sealed_as) on reporter_identities to tinbao_service;
    -- A receipt is withdrawn; it never opens another tip.
    revoke update on receipts from tinbao_service;
    grant update (withdrawn_at) on receipts to tinbao_service;
    -- A reveal is approved or declined; what was asked, why and by whom stays.
    revoke update on reveals from tinbao_service;
    grant update (approved_by, approved_at, declined_by, declined_at, decline_reason, expires_at) on reveals to tinbao_service;
    -- Which migrations ran is the owner's to say.
    revoke insert, update, delete on __diesel_schema_migrations from tinbao_service;
end $$;
