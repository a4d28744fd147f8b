-- A file that is found lost or altered is noted in its log of custody, each once.
alter table attachment_custody drop constraint attachment_custody_act_known,
    add constraint attachment_custody_act_known check (act in
        ('received', 'downloaded', 'original_revealed', 'certified', 'found_missing', 'found_altered'));
create unique index attachment_custody_found on attachment_custody (attachment_id, act)
    where act in ('found_missing', 'found_altered');

-- Which objects this database has ever had written: the sweep deletes no other. After a restore the store holds
-- files that came later than the backup, which are not rubbish.
create table evidence_objects (
    id uuid constraint evidence_objects_pkey primary key,
    made_at timestamptz not null
);
comment on table evidence_objects is 'Objects that were begun in the store of evidence; the sweep deletes no others.';
create index evidence_objects_made on evidence_objects (made_at);
insert into evidence_objects (id, made_at) select id, received_at from attachments;
insert into evidence_objects (id, made_at)
    select p.id, u.created_at from upload_parts p join uploads u on u.id = p.upload_id;
