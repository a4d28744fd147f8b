-- People, programs and devices whose tokens were all ended at once: one row each time.
create table ended_bearers (
    id uuid constraint ended_bearers_pkey primary key,
    sub text not null,
    issuer text,
    desk text,
    units text[],
    reason text,
    ended_by text not null,
    ended_at timestamptz not null
);
comment on table ended_bearers is 'Whose tokens, as far as they were issued before, are good no more; kept for good, for an issuer''s tokens may last as long.';
comment on column ended_bearers.sub is 'Whose, as sub stands in answers and in the audit.';
comment on column ended_bearers.issuer is 'Whose tokens of theirs; absent is whoever issued them.';
comment on column ended_bearers.desk is 'Where an administrator who is confined ended only tokens that are confined at least as much.';
comment on column ended_bearers.units is 'As desk.';
