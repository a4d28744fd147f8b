drop index journal_agency;
drop index journal_client;
drop index tips_device;
