-- Indicators that come to a tip after its reception are counted when they come.

alter table tip_indicators add column addition uuid;
comment on column tip_indicators.addition is 'The submission or the referral that brought it later; null at reception.';
