drop table evidence_objects;
drop index attachment_custody_found;
delete from attachment_custody where act in ('found_missing', 'found_altered');
alter table attachment_custody drop constraint attachment_custody_act_known,
    add constraint attachment_custody_act_known check (act in ('received', 'downloaded', 'original_revealed', 'certified'));
