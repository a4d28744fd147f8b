drop table told_results;
