alter table journal_pending drop constraint journal_pending_pkey, drop column written,
    add constraint journal_pending_pkey primary key (id);
