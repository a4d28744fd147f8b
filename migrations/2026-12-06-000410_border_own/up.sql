-- Border register: what reporters call their own, a victim's or an impersonated body's is no contact of brokers, nor is
-- the vehicle of kin, victims or the police their transport; and plates that were sent as indicators, and those of the
-- army and of diplomats, are read. What was told before is read again; until then nothing of it is listed.
delete from border_traces;
delete from border_words where trace like 'transport:%';
update journal_consumers set position = 0 where name = 'border';
