-- The agencies stay: referrals may have been sent to them.
select;
