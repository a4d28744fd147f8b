drop table device_renewals;
