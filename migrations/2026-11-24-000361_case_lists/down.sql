comment on text search configuration tinbao_vi is 'Not used any more: for replicas of an earlier version.';
drop index cases_words;
drop index cases_received;
drop index cases_score;
alter table cases drop column score;
