alter table tip_indicators drop column withdrawn_key, drop column withdrawn_by;
