-- The queue costs the same however many tips wait, with any filter and in any order. A filter that many
-- waiting tips pass is served by walking the order until the page is full, one that few pass by these few and
-- a sort; in between both cost no more than the root of their number.

create extension if not exists btree_gin;

create index tip_states_open_filters on tip_states using gin (desk, level, unit_code, method, methods)
    where status in ('received', 'claimed', 'info_requested') and not test;
comment on index tip_states_open_filters is 'Finds the few: values that not many waiting tips have.';
create index tip_states_open_received on tip_states (tip_id desc)
    where status in ('received', 'claimed', 'info_requested') and not test;
-- Level goes with the score: walking the order for the low ones would pass over all others first.
create index tip_states_open_level on tip_states (level, score desc, tip_id)
    where status in ('received', 'claimed', 'info_requested') and not test;
-- Copies that still wait: counted for the collapsed queue and found to be dismissed.
create index tip_states_open_flood on tip_states (flood_id, score desc, tip_id)
    where flood_id is not null and status in ('received', 'claimed', 'info_requested') and not test;
