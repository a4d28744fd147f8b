alter table tip_states drop column flood_id;
drop table tip_texts;
