alter table tip_indicators drop column addition;
