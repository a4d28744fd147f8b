//! What a warning may say: known codes, texts within their limits, and no one's personal data.
//!
//! Whoever is named in public must have been confirmed first (BLTTHS art. 57: nobody is guilty before
//! a judgment; Law on personal data: no number of a citizen without a ground). So every number, link
//! or account in the texts has to be a confirmed scam or an official one, and what the masking and
//! redaction rules know as personal is refused.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::content::Content;
use super::wire::AdvisoryIndicator;
use crate::db::Conn;
use crate::domain::indicator::{self, Indicator};
use crate::domain::markup::is_text;
use crate::domain::redaction::{Identity, redact};
use crate::error::{FieldProblem, Result, valid};
use crate::http::json::push_segment;
use crate::indicators::{Named, may_be_named, named};
use crate::reference::Reference;

const TITLE: usize = 200;
const SUMMARY: usize = 500;
const BODY: usize = 10_000;

/// Everything that forbids a content, as 422.
pub async fn check(
    conn: &mut Conn,
    reference: &Reference,
    content: &Content,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut problems = codes(reference, content);
    problems.extend(times(content, now));
    problems.extend(texts(reference, content));
    let known = named(conn, reference, &content.indicator_ids).await?;
    for (i, id) in content.indicator_ids.iter().enumerate() {
        let confirmed = known
            .iter()
            .any(|one| one.id == *id && one.verdict.is_some());
        if !confirmed {
            problems.push(FieldProblem::at(
                format!("/indicator_ids/{i}"),
                "not_confirmed",
                "A warning names confirmed scams and official indicators alone.",
            ));
        }
    }
    if problems.is_empty() {
        for (pointer, text) in all_texts(content) {
            problems.extend(naming(conn, reference, &pointer, text).await?);
        }
    }
    valid(problems)
}

/// What forbids a single text.
pub async fn check_text(
    conn: &mut Conn,
    reference: &Reference,
    pointer: &str,
    text: &str,
) -> Result<()> {
    let mut problems: Vec<FieldProblem> = characters(pointer, text).into_iter().collect();
    problems.extend(naming(conn, reference, pointer, text).await?);
    valid(problems)
}

/// The indicators that these contents name.
pub async fn known<'a>(
    conn: &mut Conn,
    reference: &Reference,
    contents: impl Iterator<Item = &'a Content>,
) -> Result<Vec<Named>> {
    let ids: Vec<Uuid> = contents
        .flat_map(|content| content.indicator_ids.clone())
        .collect();
    named(conn, reference, &ids).await
}

/// The indicators of one content in its order, each with whether it may be named now.
pub fn of_content(known: &[Named], content: &Content) -> Vec<AdvisoryIndicator> {
    let shown = content.indicator_ids.iter().filter_map(|id| {
        let found = known.iter().find(|one| one.id == *id)?;
        Some(AdvisoryIndicator {
            id: found.id,
            kind: found.kind.clone(),
            value: found.value.clone(),
            verdict: found.verdict.map(str::to_owned),
        })
    });
    shown.collect()
}

fn codes(reference: &Reference, content: &Content) -> Vec<FieldProblem> {
    type Known<'a> = &'a dyn Fn(&str) -> bool;
    let audience = |code: &str| reference.audiences.iter().any(|known| known.code == code);
    let method = |code: &str| reference.methods.contains_key(code);
    let unit = |code: &str| reference.units.contains_key(code);
    let advice = |code: &str| reference.guidebook.advice.iter().any(|a| a.code == code);
    let lists: [(&str, &[String], Known<'_>); 4] = [
        ("audiences", &content.audiences, &audience),
        ("methods", &content.methods, &method),
        ("unit_codes", &content.unit_codes, &unit),
        ("guidance", &content.guidance, &advice),
    ];
    let mut problems = Vec::new();
    for (name, codes, known) in lists {
        for (i, code) in codes.iter().enumerate().filter(|(_, code)| !known(code)) {
            problems.push(FieldProblem::at(
                format!("/{name}/{i}"),
                "unknown_value",
                format!("{name} has no code {code:?}."),
            ));
        }
    }
    problems
}

fn times(content: &Content, now: DateTime<Utc>) -> Option<FieldProblem> {
    let until = content.valid_until?;
    let from = content.valid_from.unwrap_or(now);
    (until <= from || until <= now).then(|| {
        FieldProblem::at(
            "/valid_until",
            "out_of_range",
            "valid_until must lie ahead, and behind valid_from.",
        )
    })
}

fn all_texts(content: &Content) -> impl Iterator<Item = (String, &str)> {
    content.texts.iter().flat_map(|(language, text)| {
        [
            ("title", &text.title),
            ("summary", &text.summary),
            ("body", &text.body),
        ]
        .map(|(part, words)| (format!("/texts/{language}/{part}"), words.as_str()))
    })
}

fn texts(reference: &Reference, content: &Content) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    if !content.texts.contains_key("vi") {
        let detail = "A warning has a Vietnamese text.";
        problems.push(FieldProblem::at("/texts/vi", "required", detail));
    }
    for (language, text) in &content.texts {
        if language == "other" || !reference.vocabulary.language.contains(language) {
            let detail = "There is no such language: vi, en, tai, hmn, lo or zh.";
            let mut pointer = "/texts".to_owned();
            push_segment(&mut pointer, language);
            problems.push(FieldProblem::at(pointer, "unknown_value", detail));
            continue;
        }
        for (part, words, most) in [
            ("title", &text.title, TITLE),
            ("summary", &text.summary, SUMMARY),
            ("body", &text.body, BODY),
        ] {
            let pointer = format!("/texts/{language}/{part}");
            let length = words.trim().chars().count();
            if length == 0 || words.chars().count() > most {
                let detail = format!("{part} has 1 to {most} characters.");
                problems.push(FieldProblem::at(&*pointer, "length", detail));
            } else if part == "title" && words.contains(['\n', '\r']) {
                let detail = "A title is one line.";
                problems.push(FieldProblem::at(&*pointer, "invalid_character", detail));
            }
            problems.extend(characters(&pointer, words));
        }
    }
    problems
}

fn characters(pointer: &str, text: &str) -> Option<FieldProblem> {
    let detail = "The text holds a control character.";
    (!text.chars().all(is_text)).then(|| FieldProblem::at(pointer, "invalid_character", detail))
}

/// Numbers, links and accounts in a text that may not be named, and personal data of other kinds.
async fn naming(
    conn: &mut Conn,
    reference: &Reference,
    pointer: &str,
    text: &str,
) -> Result<Vec<FieldProblem>> {
    let (raw, found): (Vec<String>, Vec<Indicator>) = indicator::extract(&reference.catalog, text)
        .into_iter()
        .filter_map(|found| Some((found.raw, found.reading.ok()?.indicator)))
        .unzip();
    let allowed = may_be_named(conn, reference, &found).await?;
    let mut problems: Vec<FieldProblem> = found
        .iter()
        .zip(&allowed)
        .filter(|(_, allowed)| !**allowed)
        .map(|(indicator, _)| {
            let detail = format!(
                "{} is neither a confirmed scam nor official: take it out, or have it confirmed first.",
                indicator.display
            );
            FieldProblem::at(pointer, "not_confirmed", detail)
        })
        .collect();
    if problems.is_empty() {
        // As written and in canonical form: an old number is written in another way.
        let values = found.iter().map(|one| &one.value);
        let disclosed: Vec<&str> = raw.iter().chain(values).map(String::as_str).collect();
        if redact(text, &Identity::default(), &disclosed) != text {
            problems.push(FieldProblem::at(
                pointer,
                "personal_data",
                "The text holds a telephone or ID number, an e-mail address or a secret: take it out.",
            ));
        }
    }
    Ok(problems)
}
