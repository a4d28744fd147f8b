-- Messages have read_at. Files and additions are never rewritten (src/db/roles.sql), so what no officer has seen of them
-- stands here until one has. Nothing does of a tip that nobody has opened: it is new as a whole, and its intake writes no
-- row here.
create table tip_unread (
    id uuid constraint tip_unread_pkey primary key,
    tip_id uuid not null constraint tip_unread_tip_fkey references tips (id) on delete cascade,
    kind text not null constraint tip_unread_kind_known check (kind in ('file', 'addition')),
    at timestamptz not null
);
create index tip_unread_tip on tip_unread (tip_id);
comment on table tip_unread is 'Files and additions of reporters that no officer has seen, of tips that an officer had opened.';
comment on column tip_unread.id is 'Id of the file or of the submission.';
comment on column tip_unread.at is 'When it came.';
