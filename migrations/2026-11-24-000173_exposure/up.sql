-- Whose data was read by whom (law 91/2025 art. 23: a breach is reported within 72 hours): the journal
-- by time. Times follow positions closely, so a block range index finds them at no cost to writers.
create index journal_at on journal using brin (at) with (pages_per_range = 16);

-- Tokens printed by 'tinbao token' are noted in a file; each note goes into the audit once.
create table audited_tokens (
    jti text constraint audited_tokens_pkey primary key,
    audited_at timestamptz not null
);
comment on table audited_tokens is 'Notes of issued tokens that the audit holds already, whichever replica read them.';
