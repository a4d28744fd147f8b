drop table reveals;
