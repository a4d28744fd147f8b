-- An appeal about a value that nobody reported made an indicator of it, which officers then found as one. It keeps its
-- value itself; empty only where a replica of the version before wrote it.
alter table indicator_appeals
    add column kind text, add column value text, add column display text, add column attributes jsonb;
update indicator_appeals a set kind = i.kind, value = i.value, display = i.display, attributes = i.attributes
    from indicators i where i.key = a.key;
alter table indicator_appeals drop constraint indicator_appeals_indicator_fkey;
comment on column indicator_appeals.value is
    'What is contested: the indicator is made of it only when an officer gives it a verdict.';

-- What only appeals had made. The table of appeals refers to it no more.
delete from indicators i
    where exists (select from indicator_appeals n where n.key = i.key and n.value is not null)
      and not exists (select from tip_indicators n where n.indicator_key = i.key or n.withdrawn_key = i.key)
      and not exists (select from indicator_figures n where n.key = i.key)
      and not exists (select from indicator_reporters n where n.key = i.key)
      and not exists (select from indicator_verdicts n where n.key = i.key)
      and not exists (select from indicator_public n where n.key = i.key)
      and not exists (select from referral_indicators n where n.indicator_key = i.key)
      and not exists (select from border_traces n where n.indicator_key = i.key);
