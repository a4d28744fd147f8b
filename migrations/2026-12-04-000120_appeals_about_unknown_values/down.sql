insert into indicators (key, id, kind, value, display, attributes, first_seen)
    select distinct on (key) key, id, kind, value, display, attributes, submitted_at
    from indicator_appeals where value is not null order by key, submitted_at
    on conflict do nothing;
alter table indicator_appeals
    add constraint indicator_appeals_indicator_fkey foreign key (key) references indicators (key),
    drop column kind, drop column value, drop column display, drop column attributes;
