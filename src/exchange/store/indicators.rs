//! The export of indicators. An indicator is an allegation, not a finding (BLTTHS art. 57): only
//! `verdict` says what an officer found.

use super::Kind::{Int, Json, Text, Texts, Time, Uuid};
use super::{Dataset, column};

/// Indicators; those that only trials name are left out.
pub static INDICATORS: Dataset = Dataset {
    name: "indicators",
    columns: &[
        column("id", Uuid, "i.id", "Id of the indicator."),
        column("kind", Text, "i.kind", "`phone`, `url`, `bank_account` and so on."),
        column("value", Text, "i.value", "Canonical value."),
        column("display", Text, "i.display", "As people write it."),
        column("attributes", Json, "i.attributes::text", "What follows from the value: bank, carrier, host and so on."),
        column("verdict", Text, "v.verdict", "Verdict in force: `suspected`, `confirmed_scam`, `cleared`, `official`, or null."),
        column("verdict_at", Time, "v.given_at", "When it was given."),
        column("tips", Int, "coalesce(f.tips, 0)::bigint", "How many tips name it."),
        column("independent_reports", Int, "coalesce(f.independent, 0)::bigint", "How many of them count as independent."),
        column("loss_vnd", Int, "coalesce(f.loss_vnd, 0)", "Losses of those tips in đồng."),
        column("methods", Texts, "coalesce(f.methods, '{}')", "Method codes of those tips."),
        column("first_seen", Time, "i.first_seen", "When it was first named."),
        column("last_seen", Time, "coalesce(f.last_reported, i.first_seen)", "When it was last named."),
    ],
    from: "indicators i
           left join indicator_figures f on f.key = i.key
           left join lateral (
               select verdict, given_at from indicator_verdicts v
               where v.key = i.key and v.ended_at is null and not v.waits and (v.expires_at is null or v.expires_at > $3)
                 and (v.verdict <> 'confirmed_scam' or v.approved_at is not null)
               order by v.given_at desc limit 1) v on true",
    only: "(f.key is not null or v.verdict is not null or exists (
               select from tip_indicators e join tip_states s on s.tip_id = e.tip_id
               where e.indicator_key = i.key and not s.test))",
    key: "i.id",
    at: "i.first_seen",
    desk: "exists (select from tip_indicators e join tip_states s on s.tip_id = e.tip_id
                   where e.indicator_key = i.key and not s.test and s.desk = {})",
    units: "exists (select from tip_indicators e join tip_states s on s.tip_id = e.tip_id
                    where e.indicator_key = i.key and not s.test and s.unit_code = any({}))",
    table: "indicators",
    time: "first_seen",
    changed: "select subject_id as id from journal
              where position > $1 and is_event and subject_kind = 'indicator' and subject_id is not null
              union
              select i.id from journal j
              join tip_indicators e on e.tip_id = j.subject_id join indicators i on i.key = e.indicator_key
              where j.position > $1 and j.is_event and j.subject_kind = 'tip'
                and j.type in ('tip.received', 'tip.updated')",
    readers: &["indicators"],
};
