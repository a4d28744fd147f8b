-- A copy from which not all metadata may be gone is named as such in the log of custody.
alter table attachment_custody drop constraint attachment_custody_act_known,
    add constraint attachment_custody_act_known check (act in
        ('received', 'downloaded', 'downloaded_uncleaned', 'original_revealed', 'certified', 'found_missing',
         'found_altered'));
