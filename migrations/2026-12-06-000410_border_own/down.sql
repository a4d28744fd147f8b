-- What was read again stays.
select;
