-- When the reporter was told of reception and of the result (BLTTHS art. 145, TT 28/2020).
alter table tip_states add column reception_told_at timestamptz;
alter table tip_states add column result_told_at timestamptz;
comment on column tip_states.reception_told_at is 'When the notice of reception was fetched by receipt, or an officer recorded how it was sent.';
comment on column tip_states.result_told_at is 'The same for the notice of the result.';
