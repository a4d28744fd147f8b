-- The next change of a case writes its clock anew.
select 1;
