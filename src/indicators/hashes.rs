//! The check by hash prefix: the service does not learn which value is looked up.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use utoipa::ToSchema;

use super::public::{Key, PublicIndex, Verdict, under};
use crate::error::Error;
use crate::http::conditional::conditional;
use crate::http::openapi::RawRequest;
use crate::http::{Answer, Api, CallerOrPublic, Path, scope};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![list_hashes]
}

/// Bytes of the longest entry as JSON.
const AN_ENTRY: usize = 110;

/// Suffixes of the hashes under a prefix.
#[derive(ToSchema)]
struct HashRange {
    /// The prefix asked for.
    #[schema(example = "21bd1")]
    prefix: String,
    /// Entries in the order of their suffix, padded with random ones.
    items: Vec<HashSuffix>,
}

impl HashRange {
    /// As serde_json writes it, without looking for what needs escaping: hexadecimal and codes never do, and it takes a
    /// tenth of an answer.
    fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::with_capacity(AN_ENTRY * (self.items.len() + 1));
        json.extend_from_slice(br#"{"prefix":""#);
        json.extend_from_slice(self.prefix.as_bytes());
        json.extend_from_slice(br#"","items":["#);
        for (number, item) in self.items.iter().enumerate() {
            json.extend_from_slice(if number == 0 {
                br#"{"suffix":""#
            } else {
                br#",{"suffix":""#
            });
            json.extend_from_slice(suffix(&mut [0; 64], &item.suffix));
            json.extend_from_slice(br#"","verdict":""#);
            json.extend_from_slice(item.verdict.as_str().as_bytes());
            json.extend_from_slice(br#""}"#);
        }
        json.extend_from_slice(b"]}");
        json
    }
}

/// One suffix.
#[derive(ToSchema)]
struct HashSuffix {
    /// The other 59 hexadecimal characters of SHA-256 of `kind:value`.
    #[schema(value_type = String)]
    suffix: Key,
    /// `confirmed_scam`, `suspected`, `reported`, `official`.
    #[schema(value_type = String, example = "reported")]
    verdict: Verdict,
}

/// A hash without its first five characters.
fn suffix<'a>(text: &'a mut [u8; 64], key: &Key) -> &'a [u8] {
    // As long as needed, so it cannot fail.
    let _ = hex::encode_to_slice(key, text);
    text.get(5..).unwrap_or_default()
}

/// List what is known under a hash prefix.
///
/// The prefix is exactly 5 hexadecimal characters of SHA-256 of `kind:value`, so the service does not learn which
/// value is checked. The list is padded with random suffixes to a multiple of 32. The payment code of an account that
/// is confirmed or suspected, and the messenger accounts and wallets of such a number, are on the list themselves,
/// but for those that an officer cleared. Of all that applies the strongest verdict counts. For values that are only
/// reported, also hash what follows from the value, as the check does: the `bank_account` that a `payment_qr` pays
/// (the same value), the `phone` of a Zalo or wallet account by number, the host and the registrable domain of a
/// `url` (each as `host/`).
#[utoipa::path(get, path = "/v1/check/hashes/{prefix}", tag = "check",
    params(("prefix" = String, Path, description = "5 hexadecimal characters", example = "21bd1")),
    responses((status = 200, description = "Suffixes with verdicts", body = HashRange),
              (status = 304, description = "Not changed since the ETag in If-None-Match"),
              (status = 422, description = "Not 5 hexadecimal characters",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn list_hashes(
    _: CallerOrPublic<scope::CheckRead>,
    app: web::Data<AppState>,
    index: web::Data<PublicIndex>,
    prefix: Path<String>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let prefix = prefix.0.to_ascii_lowercase();
    let number = (prefix.len() == 5 && prefix.bytes().all(|b| b.is_ascii_hexdigit()))
        .then(|| u32::from_str_radix(&prefix, 16).ok())
        .flatten()
        .ok_or_else(|| {
            Error::invalid_parameter(
                "prefix",
                "invalid_value",
                "Exactly 5 hexadecimal characters.",
            )
        })?;
    let real = index.with_prefix(number, &app.reference.get().official.keys)?;
    let mut filling = Filling::of(number, &real, &app);
    let tag = filling.tag();
    let answer = || {
        let items = filling.pad(number, real);
        HashRange { prefix, items }.to_json().into()
    };
    Ok(conditional(&request.0, &tag, "application/json", answer))
}

/// A keyed stream that is the same for the same list: its entity tag, and what it is filled up with.
struct Filling(ChaCha8Rng);

impl Filling {
    fn of(prefix: u32, real: &BTreeMap<Key, Verdict>, app: &AppState) -> Self {
        let mut list = prefix.to_be_bytes().to_vec();
        for (key, verdict) in real {
            list.extend(key);
            list.extend(verdict.as_str().bytes());
        }
        let seed = app.keys.answers.hash("padding", &list);
        Self(ChaCha8Rng::from_seed(seed))
    }

    fn tag(&mut self) -> String {
        format!("\"{:032x}\"", self.0.random::<u128>())
    }

    /// Fills up to a multiple of 32 with suffixes that nothing hashes to.
    fn pad(&mut self, prefix: u32, real: BTreeMap<Key, Verdict>) -> Vec<HashSuffix> {
        let wanted = (real.len() / 32 + 1) * 32;
        let mut all = Vec::with_capacity(wanted);
        let entry = |(suffix, verdict)| HashSuffix { suffix, verdict };
        all.extend(real.into_iter().map(entry));
        while all.len() < wanted {
            // Drawn at once: one by one, each byte would cost four.
            let mut drawn = [0; size_of::<Key>() + 1];
            self.0.fill_bytes(&mut drawn);
            let [key @ .., among] = drawn;
            // Of every verdict, so that none tells that an entry is real.
            let verdict = match among % 16 {
                0..10 => Verdict::Reported,
                10..14 => Verdict::ConfirmedScam,
                14 => Verdict::Suspected,
                _ => Verdict::Official,
            };
            all.push(entry((under(prefix, key), verdict)));
        }
        // By a number first: comparing bytes by bytes takes as long as drawing them.
        let first =
            |entry: &HashSuffix| entry.suffix.first_chunk().copied().map(u64::from_be_bytes);
        all.sort_unstable_by(|one, other| {
            let order = first(one).cmp(&first(other));
            order.then_with(|| one.suffix.cmp(&other.suffix))
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_range_is_written_as_json() {
        let item = |byte, verdict| HashSuffix {
            suffix: [byte; 32],
            verdict,
        };
        for items in [
            vec![],
            vec![item(0xab, Verdict::Reported)],
            vec![
                item(0, Verdict::Official),
                item(255, Verdict::ConfirmedScam),
            ],
        ] {
            let told = items.iter().map(|item| {
                let suffix = &hex::encode(item.suffix)[5..];
                json!({"suffix": suffix, "verdict": item.verdict.as_str()})
            });
            let expected = json!({"prefix": "21bd1", "items": told.collect::<Vec<_>>()});
            let prefix = "21bd1".to_owned();
            let written: Value =
                serde_json::from_slice(&HashRange { prefix, items }.to_json()).unwrap();
            assert_eq!(written, expected);
        }
    }
}
