delete from attachment_custody where act = 'downloaded_uncleaned';
alter table attachment_custody drop constraint attachment_custody_act_known,
    add constraint attachment_custody_act_known check (act in
        ('received', 'downloaded', 'original_revealed', 'certified', 'found_missing', 'found_altered'));
