-- A search for a host finds the tips that name any link of it.
create index indicators_host on indicators ((attributes ->> 'host')) where kind = 'url';
