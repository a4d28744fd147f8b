-- Border register: number plates, ways and lures that narratives speak of. Only plates without marks and codes of
-- the list "border" are kept, never the words of a tip.
create table border_words (
    trace text not null
        constraint border_words_trace_known check (trace ~ '^(transport|route|lure):[A-Za-z0-9_]+$'),
    tip_id uuid not null constraint border_words_tip_fkey references tips (id) on delete cascade,
    method text not null,
    channel text,
    unit_code text,
    received_at timestamptz not null,
    constraint border_words_pkey primary key (trace, tip_id)
);
comment on table border_words is 'Vehicles, ways and lures that tips about brokers of illegal exit speak of; kept by a reader of the journal.';
create index border_words_tip on border_words (tip_id);
create index border_words_received on border_words (received_at);

-- What was told before is read as well.
update journal_consumers set position = 0 where name = 'border';
