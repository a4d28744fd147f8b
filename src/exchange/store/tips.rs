//! The export of tips: what officers see in lists, without suspects, witnesses and whoever reported.

use super::Kind::{Bool, Int, JsonList, Text, Texts, Time, Uuid};
use super::{Dataset, column};

/// Tips; trials are left out.
pub static TIPS: Dataset = Dataset {
    name: "tips",
    columns: &[
        column("id", Uuid, "s.tip_id", "Id of the tip."),
        column("number", Text, "r.number", "Number in the register; null for the seconds until it is given."),
        column("received_at", Time, "s.received_at", "When it was received."),
        column(
            "status",
            Text,
            "case when s.status = 'claimed' and s.lease_expires_at <= $3 then 'received' else s.status end",
            "Where it stands: `received`, `claimed`, `info_requested`, `accepted`, `dismissed`, `duplicate`, `transferred`, `withdrawn`.",
        ),
        column("desk", Text, "s.desk", "Code of the desk."),
        column("level", Text, "s.level", "Priority: `critical`, `high`, `normal`, `low`."),
        column("score", Int, "s.score::bigint", "Priority in points, 0 to 100."),
        column("source_kind", Text, "s.source_kind", "`to_giac`, `tin_bao` or `kien_nghi_khoi_to`."),
        column("method", Text, "s.method", "Code of the method, as the reporter sees it."),
        column("methods", Texts, "s.methods", "Codes of the methods, as the officer sees them."),
        column("channel", Text, "t.channel", "How the contact came."),
        column("language", Text, "t.language", "Language of the reporter."),
        column("narrative", Text, "t.narrative", "What happened; secrets that should not have been sent are masked."),
        column("raw_message", Text, "t.raw_message", "A message as it was received; secrets are masked."),
        column("occurred_at", Time, "t.occurred_at", "When it happened."),
        column("written_at", Time, "t.written_at", "When it was written down, for tips sent later."),
        column("unit_code", Text, "s.unit_code", "Code of the commune or ward."),
        column("place", Text, "t.place", "The place in words."),
        column("in_danger_now", Bool, "t.in_danger_now", "Whether somebody was in danger when it was sent."),
        column("anonymous", Bool, "t.anonymous", "Whether no identity was given."),
        column("victim_relation", Text, "t.details #>> '{victim,relation}'", "Who was harmed, as seen from the reporter."),
        column("victim_age_group", Text, "t.details #>> '{victim,age_group}'", "Age group of the victim."),
        column("loss_vnd", Int, "t.loss_vnd", "Sum of the losses in đồng."),
        column(
            "losses",
            JsonList,
            "coalesce(t.details -> 'losses', '[]')::text",
            "Each loss: `amount_vnd`, `transferred_at`, `to_indicator` (an index into `indicators`), `reference`.",
        ),
        column(
            "indicators",
            JsonList,
            "coalesce((select json_agg(json_build_object('id', i.id, 'kind', e.kind, 'value', coalesce(i.value, e.raw),
                       'valid', e.reason is null, 'source', e.source, 'role', e.role) order by e.ordinal)
               from tip_indicators e left join indicators i on i.key = e.indicator_key where e.tip_id = s.tip_id), '[]')::text",
            "Numbers, links and accounts: `id` (null where not valid), `kind`, `value`, `valid`, `source`, `role`.",
        ),
        column("case_id", Uuid, "s.case_id", "The case it belongs to."),
        column("decided_at", Time, "s.decided_at", "When it was decided."),
        column("updated_at", Time, "s.updated_at", "Last change of where it stands."),
    ],
    from: "tip_states s join tips t on t.id = s.tip_id and t.id {begin}
           left join register r on r.tip_id = s.tip_id and r.tip_id {begin}",
    only: "not s.test and s.restricted_at is null",
    key: "s.tip_id",
    at: "s.received_at",
    desk: "s.desk = {}",
    units: "s.unit_code = any({})",
    table: "tips",
    time: "received_at",
    changed: "select subject_id as id from journal
              where position > $1 and is_event and subject_kind = 'tip' and subject_id is not null",
    readers: &["register"],
};
