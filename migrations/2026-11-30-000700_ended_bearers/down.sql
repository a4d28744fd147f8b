drop table ended_bearers;
