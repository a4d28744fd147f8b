alter table indicator_verdicts drop column independent;
