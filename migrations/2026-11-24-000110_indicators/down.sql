drop table indicator_appeals;
drop table indicator_public;
drop table indicator_verdicts;
drop table indicator_reporters;
drop table indicator_figures;
