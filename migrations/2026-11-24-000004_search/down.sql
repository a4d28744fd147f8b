drop table tip_search;
drop text search configuration tinbao_vi;
drop extension if exists unaccent;
