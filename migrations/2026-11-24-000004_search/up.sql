-- Accent-insensitive Vietnamese search. The document of a tip lives in a narrow table of its own that
-- a background reader fills: it costs intake nothing and scans little when it is asked.

create extension if not exists unaccent;

create text search configuration tinbao_vi (copy = simple);
alter text search configuration tinbao_vi
    alter mapping for hword, hword_part, word with unaccent, simple;
comment on text search configuration tinbao_vi is 'Lower case, no tone marks: "chuyen khoan" finds "chuyển khoản".';

create table tip_search (
    tip_id uuid constraint tip_search_pkey primary key
        constraint tip_search_tip_fkey references tips (id) on delete cascade,
    document tsvector not null
);
comment on table tip_search is 'Narrative, message and place of each tip, at most 10 s behind.';
create index tip_search_document on tip_search using gin (document);
