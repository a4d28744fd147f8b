drop table public_figures;
drop table campaigns;
drop index cases_opened;
drop index tips_received;
create index tips_received on tips (received_at desc, id desc);
drop index tip_states_received;
alter table tip_states drop column first_claimed_at;
