//! A warning as a message of the Common Alerting Protocol (OASIS CAP 1.2): the first publication is an
//! Alert, each further one an Update, a retraction a Cancel; the last two name what they replace.

use std::io;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::content::Severity;
use super::public::PublicAdvisory;
use super::xml::Xml;
use crate::domain::hanoi;
use crate::domain::lang::Lang;
use crate::error::Result;
use crate::reference::Reference;

const NAMESPACE: &str = "urn:oasis:names:tc:emergency:cap:1.2";
/// What a message is about.
pub struct Message<'a> {
    /// Id of the warning.
    pub id: Uuid,
    /// Its publications, oldest first.
    pub revisions: &'a [(i32, DateTime<Utc>)],
    /// The text that stands, in each language; none once it was taken back.
    pub texts: &'a [PublicAdvisory],
    /// When and why it was taken back.
    pub retracted: Option<(DateTime<Utc>, &'a str)>,
    /// Who sends it, as CAP wants it.
    pub sender: &'a str,
    /// Who sends it, for people.
    pub sender_name: &'a str,
}

/// A name that fits `sender`: no spaces, commas or characters that XML would escape, and unique in the world. An issuer
/// that names no domain becomes so by what only this installation has.
pub fn sender(issuer: &str, installation: &str) -> String {
    let unique = match issuer.contains('.') {
        true => issuer.to_owned(),
        false => format!("{issuer}-{installation}"),
    };
    unique
        .chars()
        .map(|c| {
            if c.is_whitespace() || matches!(c, ',' | '<' | '>' | '&') {
                '-'
            } else {
                c
            }
        })
        .collect()
}

/// CAP forbids `Z`: the offset is written out.
fn time(at: DateTime<Utc>) -> String {
    hanoi::local(at).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// The newest message about a warning.
pub fn message(about: &Message<'_>, reference: &Reference) -> Result<Vec<u8>> {
    super::xml::document(|xml| {
        xml.element("alert", &[("xmlns", NAMESPACE)], |xml| {
            alert(xml, about, reference)
        })
    })
}

fn alert(xml: &mut Xml, about: &Message<'_>, reference: &Reference) -> io::Result<()> {
    let named = |number: i32, at: DateTime<Utc>| {
        format!("{},{}.{number},{}", about.sender, about.id, time(at))
    };
    let (last, sent) = about.revisions.last().copied().unwrap_or_default();
    let (number, sent, kind) = match about.retracted {
        Some((at, _)) => (last + 1, at, "Cancel"),
        None if last > 1 => (last, sent, "Update"),
        None => (last, sent, "Alert"),
    };
    let replaced: Vec<String> = about
        .revisions
        .iter()
        .filter(|(revision, _)| *revision < number)
        .map(|(revision, at)| named(*revision, *at))
        .collect();
    xml.text("identifier", &[], &format!("{}.{number}", about.id))?;
    xml.text("sender", &[], about.sender)?;
    xml.text("sent", &[], &time(sent))?;
    xml.text("status", &[], "Actual")?;
    xml.text("msgType", &[], kind)?;
    xml.text("scope", &[], "Public")?;
    if let Some((_, reason)) = about.retracted {
        xml.text("note", &[], reason)?;
    }
    if !replaced.is_empty() {
        xml.text("references", &[], &replaced.join(" "))?;
    }
    for text in about.texts {
        xml.element("info", &[], |xml| info(xml, text, about, reference))?;
    }
    Ok(())
}

fn info(
    xml: &mut Xml,
    warning: &PublicAdvisory,
    about: &Message<'_>,
    reference: &Reference,
) -> io::Result<()> {
    // Where a label is not translated, Vietnamese stands for it.
    let lang = match warning.language.as_str() {
        "en" => Lang::En,
        _ => Lang::Vi,
    };
    let urgent = matches!(warning.severity, Severity::Severe | Severity::Extreme);
    let audiences: Vec<&str> = reference
        .audiences
        .iter()
        .filter(|audience| warning.audiences.contains(&audience.code))
        .map(|audience| match lang {
            Lang::Vi => audience.label_vi.as_str(),
            Lang::En => audience.label_en.as_str(),
        })
        .collect();
    let method = warning
        .methods
        .first()
        .and_then(|code| reference.methods.get(code));
    // Codes of the vocabulary are registered language subtags (BCP 47): tai and hmn too.
    xml.text("language", &[], &warning.language)?;
    xml.text("category", &[], "Security")?;
    xml.text(
        "event",
        &[],
        match (method, lang) {
            (Some(method), lang) => method.label(lang),
            (None, Lang::Vi) => "Lừa đảo trên mạng",
            (None, Lang::En) => "Online fraud",
        },
    )?;
    xml.text("responseType", &[], "Avoid")?;
    xml.text(
        "urgency",
        &[],
        if urgent { "Immediate" } else { "Expected" },
    )?;
    xml.text("severity", &[], warning.severity.cap())?;
    xml.text("certainty", &[], "Observed")?;
    xml.text("audience", &[], &audiences.join("; "))?;
    xml.text(
        "effective",
        &[],
        &time(warning.valid_from.unwrap_or(warning.updated_at)),
    )?;
    if let Some(until) = warning.valid_until {
        xml.text("expires", &[], &time(until))?;
    }
    xml.text("senderName", &[], about.sender_name)?;
    xml.text("headline", &[], &warning.title)?;
    xml.text(
        "description",
        &[],
        &format!("{}\n\n{}", warning.summary, warning.body),
    )?;
    if !warning.guidance.is_empty() {
        let advice = warning.guidance.iter();
        let advice: Vec<String> = advice
            .map(|one| format!("{}: {}", one.title, one.body))
            .collect();
        xml.text("instruction", &[], &advice.join("\n"))?;
    }
    for method in &warning.methods {
        parameter(xml, "method", method)?;
    }
    for indicator in &warning.indicators {
        parameter(
            xml,
            "indicator",
            &format!("{}:{}", indicator.kind, indicator.value),
        )?;
    }
    xml.element("area", &[], |xml| area(xml, warning, lang, reference))
}

fn parameter(xml: &mut Xml, name: &str, value: &str) -> io::Result<()> {
    xml.element("parameter", &[], |xml| {
        xml.text("valueName", &[], name)?;
        xml.text("value", &[], value)
    })
}

fn area(
    xml: &mut Xml,
    warning: &PublicAdvisory,
    lang: Lang,
    reference: &Reference,
) -> io::Result<()> {
    let names: Vec<&str> = warning
        .unit_codes
        .iter()
        .filter_map(|code| Some(reference.units.get(code)?.full_name.as_str()))
        .collect();
    let place = match (names.is_empty(), lang) {
        (false, _) => names.join("; "),
        (true, Lang::Vi) => "Toàn tỉnh".to_owned(),
        (true, Lang::En) => "The whole province".to_owned(),
    };
    xml.text("areaDesc", &[], &place)?;
    for code in &warning.unit_codes {
        xml.element("geocode", &[], |xml| {
            xml.text("valueName", &[], "unit_code")?;
            xml.text("value", &[], code)
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_has_no_spaces_and_times_no_z() {
        assert_eq!(
            sender("https://tin bao.vn, <x>&", "1a2b"),
            "https://tin-bao.vn---x--"
        );
        assert_eq!(sender("tinbao", "1a2b"), "tinbao-1a2b");
        let at = "2026-11-24T17:20:00Z".parse().unwrap();
        assert_eq!(time(at), "2026-11-25T00:20:00+07:00");
    }
}
