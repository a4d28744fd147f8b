-- The kinds stay: tips may have been transferred.
select;
