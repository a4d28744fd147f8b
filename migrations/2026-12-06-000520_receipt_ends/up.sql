-- Whoever had a tip erased, or took it back, is owed the answer that it was done: for 90 days it is found by the hash of the
-- receipt alone, beside which nothing of the tip is kept.
create table receipt_ends (
    hash bytea constraint receipt_ends_pkey primary key,
    how text not null constraint receipt_ends_how_known check (how in ('erased', 'withdrawn')),
    at timestamptz not null
);
comment on table receipt_ends is 'How receipts ended that open nothing any more; kept for 90 days.';
create index receipt_ends_at on receipt_ends (at);
