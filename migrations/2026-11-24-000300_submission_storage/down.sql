alter table submissions alter column body set compression default;
alter table submissions alter column sealed set storage extended;
