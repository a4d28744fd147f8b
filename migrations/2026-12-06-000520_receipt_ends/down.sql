drop table receipt_ends;
