-- The text was wrong: there is no way back to it.
select 1;
