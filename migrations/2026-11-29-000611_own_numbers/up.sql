-- A number that was read from the text of a reporter who was anonymous then, and that the reporter names later as
-- the own: it is identity, and no trace. The edge keeps its place, which losses count by; the figures of the
-- indicator follow within seconds.
alter table tip_indicators
    add column withdrawn_key bytea,
    add column withdrawn_by uuid,
    add constraint tip_indicators_withdrawn_whole check ((withdrawn_key is null) = (withdrawn_by is null)),
    add constraint tip_indicators_withdrawn_is_none check (withdrawn_key is null or indicator_key is null);
comment on column tip_indicators.withdrawn_key is 'The indicator that it was, until its figures have followed; then null, so that nothing tells the number.';
comment on column tip_indicators.withdrawn_by is 'The submission by which the reporter named it as the own.';
