-- While a case is held nothing of it is deleted. The service asks before it deletes; these triggers refuse it to whoever
-- did not ask: a hole in the service, a slip of the owner's. They stand before DELETE, and before the updates that
-- destroy: an intake, which only inserts, meets none of them.

create function tip_is_held(tip uuid) returns boolean language sql stable as $$
    select exists (select from case_members m join case_holds h on h.case_id = m.case_id where m.tip_id = tip)
$$;
comment on function tip_is_held is 'Whether a case that the tip belongs to, or ever belonged to, is held.';

create function refuse_for_hold() returns trigger language plpgsql as $$
declare
    held boolean;
begin
    if tg_table_name = 'tips' then
        held := tip_is_held(old.id);
    elsif tg_table_name = 'case_members' then
        held := exists (select from case_holds h where h.case_id = old.case_id);
    else
        held := tip_is_held(old.tip_id);
    end if;
    if held then
        raise exception 'a case of the tip is held: % of % is refused', lower(tg_op), tg_table_name
            using errcode = 'restrict_violation', constraint = 'held_stays';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    return new;
end $$;
comment on function refuse_for_hold is 'Stands before what would destroy something of a held case.';

create trigger tips_held before delete on tips
    for each row execute function refuse_for_hold();
create trigger submissions_held before delete on submissions
    for each row execute function refuse_for_hold();
-- Without its bytes a submission has no key either (submissions_sealed_whole). A new key for the same bytes is how
-- identity keys are rotated; whether it is the right one only the service can tell.
create trigger submissions_sealed_held before update of sealed on submissions
    for each row when (old.sealed is not null and new.sealed is distinct from old.sealed)
    execute function refuse_for_hold();
create trigger attachments_held before delete on attachments
    for each row execute function refuse_for_hold();
create trigger reporter_identities_held before delete on reporter_identities
    for each row execute function refuse_for_hold();
-- Or a tip would be taken out of the case's record first, and then be held by nothing.
create trigger case_members_held before delete on case_members
    for each row execute function refuse_for_hold();
create trigger case_members_stay before update of case_id, tip_id on case_members
    for each row when (new.case_id <> old.case_id or new.tip_id <> old.tip_id)
    execute function refuse_for_hold();

create function refuse_unasked_lifting() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and old.lift_requested_by is not null then
        return old;
    end if;
    raise exception 'a hold ends only once somebody asked for it: % of % is refused', lower(tg_op), tg_table_name
        using errcode = 'restrict_violation', constraint = 'held_stays';
end $$;
comment on function refuse_unasked_lifting is 'A hold is not deleted before somebody asked that it be lifted, and never given to another case.';
create trigger case_holds_asked before delete on case_holds
    for each row execute function refuse_unasked_lifting();
create trigger case_holds_stay before update of case_id on case_holds
    for each row when (new.case_id <> old.case_id) execute function refuse_unasked_lifting();

create function refuse_lifting_by_one() returns trigger language plpgsql as $$
begin
    if not exists (
        select from journal_pending p
        where p.subject_id = old.case_id and p.type = 'case.moved' and p.data ->> 'change' = 'hold_lifted'
          and p.data ->> 'requested_by' = old.lift_requested_by and p.actor <> old.lift_requested_by)
    then
        raise exception 'a hold ends only with the entry of the journal that says who else agreed'
            using errcode = 'restrict_violation', constraint = 'held_stays';
    end if;
    return null;
end $$;
comment on function refuse_lifting_by_one is 'At commit: whoever lifts a hold leaves the entry that names two, which nobody takes away unseen.';
create constraint trigger case_holds_lifted_by_two after delete on case_holds
    deferrable initially deferred for each row execute function refuse_lifting_by_one();

-- TRUNCATE is the owner's alone; it asks no row.
create function refuse_truncate_while_held() returns trigger language plpgsql as $$
begin
    if exists (select from case_holds) then
        raise exception 'a case is held: truncate of % is refused', tg_table_name
            using errcode = 'restrict_violation', constraint = 'held_stays';
    end if;
    return null;
end $$;
create trigger tips_not_emptied before truncate on tips
    for each statement execute function refuse_truncate_while_held();
create trigger submissions_not_emptied before truncate on submissions
    for each statement execute function refuse_truncate_while_held();
create trigger attachments_not_emptied before truncate on attachments
    for each statement execute function refuse_truncate_while_held();
create trigger reporter_identities_not_emptied before truncate on reporter_identities
    for each statement execute function refuse_truncate_while_held();
create trigger case_members_not_emptied before truncate on case_members
    for each statement execute function refuse_truncate_while_held();
create trigger case_holds_not_emptied before truncate on case_holds
    for each statement execute function refuse_truncate_while_held();

-- What they look at is in this schema, whatever temporary tables of the same name the caller makes.
do $$
declare
    name text;
begin
    foreach name in array array['tip_is_held(uuid)', 'refuse_for_hold()', 'refuse_unasked_lifting()', 'refuse_lifting_by_one()',
        'refuse_truncate_while_held()']
    loop
        execute format('alter function %s set search_path = %I, pg_temp', name, current_schema());
    end loop;
end $$;
