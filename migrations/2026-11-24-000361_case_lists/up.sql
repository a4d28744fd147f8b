-- Lists of cases: by urgency, by start of the clock, by words.

alter table cases add column score smallint not null default 0;
comment on column cases.score is 'Priority of the most urgent of its tips; recomputed when one joins or leaves.';
update cases c set score = coalesce((
    select max(s.score) from case_members m join tip_states s on s.tip_id = m.tip_id
    where m.case_id = c.id and m.removed_at is null), 0);
create index cases_score on cases (score desc, id desc);
create index cases_received on cases (received_at desc, id desc);
create index cases_words on cases using gin (to_tsvector('tinbao_vi', title || ' ' || coalesce(summary, '')));
comment on text search configuration tinbao_vi is
    'Reads titles and summaries of cases; texts of tips are read into words by the service.';
