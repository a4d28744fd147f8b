//! Which feature owns which table: features that stand higher may use it, lower ones only where it is said why.

use std::collections::{BTreeMap, BTreeSet};

use crate::arrows::{FEATURES, listed, module, sources};
use crate::page;

/// The tables of each feature.
const OWNERS: &[(&str, &[&str])] = &[
    ("db", &["key_checks"]),
    ("reference", &["reference_documents"]),
    (
        "journal",
        &[
            "journal",
            "journal_checkpoints",
            "journal_consumers",
            "journal_pending",
            "number_counters",
        ],
    ),
    ("idempotency", &["idempotency_keys"]),
    (
        "indicators",
        &[
            "indicator_appeals",
            "indicator_figures",
            "indicator_public",
            "indicator_reporters",
            "indicator_verdicts",
            "indicators",
        ],
    ),
    (
        "tips",
        &[
            "first_classifications",
            "open_tip_changes",
            "open_tip_counts",
            "potential_victim_grounds",
            "register",
            "reporter_blind_indexes",
            "reporter_identities",
            "submissions",
            "tip_announcements",
            "tip_indicators",
            "tip_messages",
            "tip_notes",
            "tip_search",
            "tip_states",
            "tip_texts",
            "tip_unread",
            "tips",
        ],
    ),
    (
        "cases",
        &[
            "case_acts",
            "case_holds",
            "case_members",
            "case_notes",
            "cases",
        ],
    ),
    ("triage", &["tip_decisions"]),
    (
        "referrals",
        &[
            "freeze_counts",
            "referral_indicators",
            "referral_lapses",
            "referral_messages",
            "referral_recorded_answers",
            "referral_renewals",
            "referrals",
        ],
    ),
    ("border", &["border_traces", "border_words"]),
    (
        "webhooks",
        &["webhook_deliveries", "webhook_lanes", "webhooks"],
    ),
    (
        "clients",
        &[
            "audited_tokens",
            "clients",
            "device_renewals",
            "ended_bearers",
            "revoked_tokens",
        ],
    ),
    (
        "receipts",
        &[
            "process_notices",
            "receipt_ends",
            "receipts",
            "reporter_news",
            "told_results",
        ],
    ),
    ("advisories", &["advisories", "advisory_revisions"]),
    ("reveals", &["reveals"]),
    (
        "evidence",
        &[
            "attachment_custody",
            "attachments",
            "evidence_objects",
            "upload_parts",
            "uploads",
        ],
    ),
    ("stats", &["campaigns", "public_figures"]),
    ("privacy", &["privacy_requests", "retention"]),
];

/// Who names a table of a higher feature, and why.
const UPWARD: &[(&str, &str, &str)] = &[
    (
        "cases",
        "freeze_counts",
        "what was frozen stands in the totals of a case",
    ),
    (
        "cases",
        "process_notices",
        "a suspension or resumption owes each reporter of the case a notice",
    ),
    (
        "cases",
        "referrals",
        "totals and the timeline of a case count what was asked of others for it",
    ),
    (
        "indicators",
        "referral_indicators",
        "what was done about an indicator stands in its view",
    ),
    (
        "indicators",
        "referral_renewals",
        "as above: a prolonged freeze is one",
    ),
    (
        "indicators",
        "referrals",
        "as above; and an account named by a bank is no report",
    ),
    (
        "indicators",
        "reporter_blind_indexes",
        "reports of one person count once",
    ),
    (
        "indicators",
        "tip_indicators",
        "an indicator is what tips name",
    ),
    (
        "indicators",
        "tip_states",
        "who may see none of its tips may not see an indicator",
    ),
    ("indicators", "tips", "as above"),
    (
        "journal",
        "tips",
        "a journal that was emptied is known by the tips beside it",
    ),
    (
        "persons",
        "clients",
        "who was shown the secret of a program",
    ),
    (
        "referrals",
        "reporter_news",
        "the answer to a freeze goes to the receipt in the same transaction",
    ),
    (
        "tips",
        "border_traces",
        "what a corrected text no longer says",
    ),
    (
        "tips",
        "case_acts",
        "which notices are owed, as one filter of the queue",
    ),
    ("tips", "cases", "search by the number of a case"),
    (
        "tips",
        "process_notices",
        "which notices are owed, as one filter of the queue",
    ),
    ("tips", "receipts", "intake is one statement"),
    ("tips", "referrals", "a limit met by sending a tip on"),
    (
        "tips",
        "reveals",
        "who approved that names stand in the register, and that they stood there",
    ),
    (
        "tips",
        "tip_decisions",
        "which notices are owed, through duplicates",
    ),
    (
        "triage",
        "clients",
        "the desks that clients are confined to",
    ),
];

/// The tables that a text names: in SQL behind the words that a table follows, in Rust as a path of the schema.
fn named<'a>(code: &str, tables: &BTreeMap<&'a str, &str>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut before = "";
    for word in code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        if word.is_empty() {
            continue;
        }
        if matches!(before, "from" | "join" | "update" | "into" | "using")
            && let Some((table, _)) = tables.get_key_value(word)
        {
            found.insert(*table);
        }
        before = word;
    }
    for (at, path) in code.match_indices("schema::") {
        let rest = &code[at + path.len()..];
        let items = match rest.strip_prefix('{') {
            Some(list) => listed(list),
            None => vec![rest],
        };
        for item in items {
            let name = item
                .trim_start()
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            if let Some((table, _)) = name.take(1).find_map(|name| tables.get_key_value(name)) {
                found.insert(*table);
            }
        }
    }
    found
}

#[test]
fn a_table_is_seen_however_it_is_named() {
    let tables = BTreeMap::from([("tips", "tips"), ("cases", "cases"), ("clients", "clients")]);
    let code = "use crate::db::schema::{cases as c, other};\n use crate::db::schema::clients;\n\
                sql_query(\"select 1 from tips t\"); use crate::tips;";
    let seen: Vec<&str> = named(code, &tables).into_iter().collect();
    assert_eq!(seen, ["cases", "clients", "tips"]);
    assert!(named("use crate::{cases, tips}; tips::find()", &tables).is_empty());
}

#[test]
fn tables_are_used_by_those_who_stand_above_them() {
    let owners: BTreeMap<&str, &str> = OWNERS
        .iter()
        .flat_map(|(owner, tables)| tables.iter().map(|table| (*table, *owner)))
        .collect();
    let schema = page("src/db/schema.rs");
    let all = schema.lines().filter_map(|line| {
        line.strip_prefix("    ")?
            .strip_suffix('{')?
            .split_once(" (")
    });
    let ownerless: Vec<&str> = all
        .map(|(table, _)| table)
        .filter(|table| !owners.contains_key(table))
        .collect();
    assert!(ownerless.is_empty(), "give them an owner: {ownerless:?}");

    let rank = |feature: &str| FEATURES.iter().position(|known| *known == feature);
    let mut upward = BTreeSet::new();
    for (path, code) in sources() {
        let Some(own) = rank(module(&path)) else {
            continue;
        };
        for table in named(&code, &owners) {
            if rank(owners[table]).is_some_and(|owner| owner > own) {
                upward.insert((FEATURES[own], table));
            }
        }
    }
    let said: BTreeSet<(&str, &str)> = UPWARD
        .iter()
        .map(|(who, table, _)| (*who, *table))
        .collect();
    let new: Vec<_> = upward.difference(&said).collect();
    assert!(
        new.is_empty(),
        "tables of higher features, named without a reason: {new:?}"
    );
    let gone: Vec<_> = said.difference(&upward).collect();
    assert!(gone.is_empty(), "no longer so: {gone:?}");
}
