-- The journal only grows, for whoever writes to it. The service's role has no right to change it at
-- all (src/db/roles.sql); these triggers also stop the owner's own slips. A superuser can switch them
-- off: that is what the chain hash and the signed checkpoints are for.

alter table journal_checkpoints add column number bigint;
update journal_checkpoints c set number = n.number
from (select position, row_number() over (order by position) as number from journal_checkpoints) n
where n.position = c.position;
alter table journal_checkpoints alter column number set not null,
    add constraint journal_checkpoints_number_key unique (number),
    add constraint journal_checkpoints_number_positive check (number > 0);
comment on column journal_checkpoints.number is 'Counts the checkpoints without a gap: a removed one is noticed.';

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% only grows: % is refused', tg_table_name, lower(tg_op)
        using errcode = 'insufficient_privilege';
end $$;
comment on function refuse_change is 'Stands before tables that only grow.';

create trigger journal_append_only before update or delete or truncate on journal
    for each statement execute function refuse_change();
create trigger journal_checkpoints_append_only before update or delete or truncate on journal_checkpoints
    for each statement execute function refuse_change();
