update tip_search s set document = to_tsvector('tinbao_vi', concat_ws(' ', narrative, raw_message, place))
    from tips where id = tip_id;
drop index tip_search_stale;
alter table tip_search drop column stale;
comment on text search configuration tinbao_vi is 'Lower case, no tone marks: "chuyen khoan" finds "chuyển khoản".';
