-- The service reads texts into words itself, the same way for documents and for searches; Postgres only keeps
-- and finds them. Documents of before are read again by the background work. A replica of the version before
-- leaves its documents stale as well; it is for its searches that the configuration tinbao_vi stays.

alter table tip_search add column stale boolean not null default true;
comment on column tip_search.stale is 'Read into words in a way that is not that of today''s searches; the background work reads it again.';
create index tip_search_stale on tip_search (tip_id) where stale;
comment on text search configuration tinbao_vi is 'Not used any more: for replicas of an earlier version.';
