drop table process_notices;
