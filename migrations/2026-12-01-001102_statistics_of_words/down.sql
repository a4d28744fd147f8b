alter table tip_search alter column document set statistics -1;
