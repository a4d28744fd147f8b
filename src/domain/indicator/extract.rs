//! Traces inside free text: a message, a narrative, a page that somebody copied.
//!
//! The text is read once into cells (what is written, where it stands), then each sort of trace is
//! looked for in turn; a later search leaves alone what an earlier one has claimed. Every search is a
//! single pass with a bounded look round each place, so that the work grows with the length of the
//! text and not with its malice.
//!
//! Numbers are the hard part. Money, dates, times, one-time codes, identity cards and transaction
//! ids must not become somebody's telephone or account, so a number counts only where it can be
//! nothing else or where the words beside it say what it is.

mod account_numbers;
mod accounts;
mod behind;
mod beside;
mod callers;
mod dictated;
mod handles;
mod hosts;
mod labels;
mod links;
mod mentions;
mod numbers;
mod own_phones;
mod owners;
mod senders;
mod spelled;
mod strings;
mod tokens;
mod view;
mod words;

use super::super::masking::{Span, secrets};
use super::catalog::Catalog;
use super::model::{Found, Input, Kind, Party, Reading};
use super::parse;
use super::reason::Reason;
use view::View;

/// Most traces that one text yields; nobody reads more, and it bounds the answer.
pub const MAX_FOUND: usize = 500;

/// Finds every trace in a text, in order; spans count code points and do not overlap. What is masked as a
/// secret is none: the card that the victim read out would be accused.
pub fn extract(catalog: &Catalog, text: &str) -> Vec<Found> {
    let mut found = traces(catalog, text);
    if found.is_empty() {
        return found;
    }
    let secrets = secrets(text);
    found.retain_mut(|found| {
        let after = secrets.partition_point(|secret| secret.end <= found.start);
        let inside: Vec<&Span> = secrets
            .iter()
            .skip(after)
            .take_while(|secret| secret.start < found.end)
            .collect();
        inside.is_empty() || without(catalog, found, &inside)
    });
    found
}

/// Takes secrets out of a link into which a false page put what the victim typed: where it leads stays the same.
/// Whether there is such a link.
fn without(catalog: &Catalog, found: &mut Found, secrets: &[&Span]) -> bool {
    let (Kind::Url, Ok(with)) = (found.kind, &found.reading) else {
        return false;
    };
    let mut rest = secrets.iter().peekable();
    let mut is_secret = |at: usize| {
        while rest.next_if(|secret| secret.end <= at).is_some() {}
        rest.peek().is_some_and(|secret| secret.start <= at)
    };
    let mut left = String::with_capacity(found.raw.len());
    for (c, at) in found.raw.chars().zip(found.start..) {
        if !is_secret(at) {
            left.push(c);
        }
    }
    let input = Input {
        kind: Kind::Url,
        value: &left,
        bank: None,
    };
    let host = |reading: &Reading| reading.indicator.attributes.get("host").cloned();
    match parse(catalog, &input) {
        Ok(reading) if host(&reading) == host(with) => {
            found.reading = Ok(reading);
            true
        }
        _ => false,
    }
}

/// The same in a value that was given as a trace, whatever it looks like.
pub(super) fn traces(catalog: &Catalog, text: &str) -> Vec<Found> {
    let mut search = Search {
        catalog,
        text,
        view: View::new(text),
        found: Vec::new(),
    };
    strings::payment_codes(&mut search);
    links::with_scheme(&mut search);
    links::emails(&mut search);
    links::bare_hosts(&mut search);
    links::spaced_hosts(&mut search);
    strings::addresses(&mut search);
    let tokens = tokens::tokenise(&search.view);
    let mut state = numbers::State::new(&tokens);
    handles::names(&mut search, &tokens);
    numbers::mark_dates_and_times(&search.view, &tokens, &mut state);
    dictated::find(&mut search, &tokens, &mut state);
    spelled::find(&mut search, &tokens, &mut state);
    accounts::find(&mut search, &tokens, &mut state);
    numbers::phones(&mut search, &tokens, &mut state);
    search.found.sort_by_key(|found| found.start);
    search.found
}

/// A text with what has been found in it so far.
struct Search<'a> {
    catalog: &'a Catalog,
    text: &'a str,
    view: View,
    found: Vec<Found>,
}

impl Search<'_> {
    /// Notes a trace in the cells from `first` up to `end`, and claims them.
    fn note(&mut self, first: usize, end: usize, kind: Kind, reading: Result<Reading, Reason>) {
        self.note_of(first, end, kind, reading, None);
    }

    /// The same of an account or a telephone whose holder the text names.
    fn note_of(
        &mut self,
        first: usize,
        end: usize,
        kind: Kind,
        reading: Result<Reading, Reason>,
        belongs_to: Option<Party>,
    ) {
        if self.found.len() >= MAX_FOUND || self.view.any_claimed(first, end) {
            return;
        }
        let Some(span) = self.view.span(first, end) else {
            return;
        };
        let Some(raw) = self.text.get(span.bytes.clone()) else {
            return;
        };
        self.view.claim(first, end);
        self.found.push(Found {
            start: span.start,
            end: span.end,
            raw: raw.to_owned(),
            kind: reading
                .as_ref()
                .map_or(kind, |reading| reading.indicator.kind),
            reading,
            belongs_to,
        });
    }

    fn full(&self) -> bool {
        self.found.len() >= MAX_FOUND
    }
}

#[cfg(test)]
mod contexts;
#[cfg(test)]
mod disguises;
#[cfg(test)]
mod layouts;
#[cfg(test)]
mod narratives;
#[cfg(test)]
mod tests;
