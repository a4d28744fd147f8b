-- In which order entries were written, and not when by the clock of the replica that wrote them: two acts on one thing
-- come one after the other by the lock of its row, so they keep their order whatever the clocks say.
alter table journal_pending add column written bigint;
update journal_pending p set written = o.n
    from (select id, row_number() over (order by id) as n from journal_pending) o where o.id = p.id;
alter table journal_pending alter column written set not null,
    alter column written add generated always as identity;
select setval(pg_get_serial_sequence('journal_pending', 'written'),
              (select coalesce(max(written), 0) + 1 from journal_pending), false);
-- In place of the key by id, so that an insert writes as many indexes as before.
alter table journal_pending drop constraint journal_pending_pkey,
    add constraint journal_pending_pkey primary key (written);
comment on column journal_pending.written is 'Order of writing: what is done about one thing later has a higher number.';
