//! The export of cases.

use super::Kind::{Bool, Int, JsonIds, Text, Texts, Time, Uuid};
use super::{Dataset, column};
use crate::cases::RECOVERED;

/// Cases; one that was merged into another stays, and says into which.
pub static CASES: Dataset = Dataset {
    name: "cases",
    columns: &[
        column("id", Uuid, "c.id", "Id of the case."),
        column("number", Text, "c.number", "Number, gapless within a year."),
        column("title", Text, "c.title", "Title."),
        column("summary", Text, "c.summary", "Summary."),
        column("state", Text, "c.state", "State of the legal process."),
        column("decision", Text, "c.decision", "Last legal decision."),
        column("desk", Text, "c.desk", "Code of the desk."),
        column("assignee", Text, "c.assignee", "Officer in charge."),
        column("methods", Texts, "c.methods", "Method codes."),
        column("received_at", Time, "c.received_at", "Reception of its earliest tip: where the clocks start."),
        column("opened_at", Time, "c.opened_at", "When it was opened."),
        column("next_due_at", Time, "c.next_due_at", "End of the deadline that runs out first."),
        column("overdue", Bool, "coalesce(c.next_due_at < $3, false)", "Whether that deadline is over."),
        column("on_hold", Bool, "h.case_id is not null", "Whether nothing of it may be deleted."),
        column("tips", Int, "coalesce(m.tips, 0)", "How many tips it has."),
        column("losses_vnd", Int, "coalesce(m.losses_vnd, 0)", "Losses of its tips in đồng."),
        column("recovered_vnd", Int, RECOVERED, "What banks froze, in đồng."),
        column("tip_ids", JsonIds, "coalesce(m.tip_ids, '[]')::text", "Ids of its tips; to who is confined to communes, of those that lie there."),
        column("merged_into", Uuid, "c.merged_into", "The case that took it over."),
        column("updated_at", Time, "c.updated_at", "Last change."),
    ],
    from: "cases c
           left join case_holds h on h.case_id = c.id
           left join lateral (
               select count(*) as tips,
                      least(coalesce(sum(t.loss_vnd), 0), 9223372036854775807)::bigint as losses_vnd,
                      json_agg(m.tip_id order by m.tip_id) filter (
                          where {communes} is null or exists (
                              select from tip_states s where s.tip_id = m.tip_id and s.unit_code = any({communes}))) as tip_ids
               from case_members m join tips t on t.id = m.tip_id
               where m.case_id = c.id and m.removed_at is null) m on true",
    only: "true",
    key: "c.id",
    at: "c.opened_at",
    desk: "c.desk = {}",
    units: "c.id in (select m.case_id from case_members m join tip_states s on s.tip_id = m.tip_id
                     where m.removed_at is null and s.unit_code = any({}))",
    table: "cases",
    time: "opened_at",
    changed: "select subject_id as id from journal
              where position > $1 and is_event and subject_kind = 'case' and subject_id is not null
              union
              select m.case_id from journal j join case_members m on m.tip_id = j.subject_id
              where j.position > $1 and j.is_event and j.subject_kind = 'tip'
              union
              select coalesce(r.case_id, m.case_id) from journal j join referrals r on r.id = j.subject_id
              left join case_members m on m.tip_id = r.tip_id and m.removed_at is null
              where j.position > $1 and j.is_event and j.subject_kind = 'referral'",
    readers: &[],
};
