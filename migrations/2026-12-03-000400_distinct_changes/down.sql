comment on column indicator_public.changed_at is 'Time of position; one that comes later is greater.';
