//! Background: signatures of texts, and floods of tips with nearly the same text.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::store::{Text, likeness as store};
use crate::db::Conn;
use crate::domain::likeness::{BANDS, COPY, Signature};
use crate::error::Result;

/// Candidates a band: enough to meet a flood, and no more however large it is.
const A_BAND: usize = 10;

/// A text with its signature.
struct Signed {
    tip: Uuid,
    signature: Signature,
    flood: Option<Uuid>,
}

/// Texts by which of their bands, and its value.
type ByBand = HashMap<(usize, i64), Vec<Signed>>;

/// Keeps the signatures of new or amended tips and puts copies of one message into one flood. A tip whose
/// text was amended is judged anew: it leaves a flood that it copies no longer.
pub async fn sign(conn: &mut Conn, texts: &[Text]) -> Result<()> {
    let (mut signed, mut unsigned, mut members) = (Vec::new(), Vec::new(), Vec::new());
    for row in texts {
        let (tip, flood) = (row.id, row.flood_id);
        members.extend(flood.map(|flood| (tip, flood)));
        match Signature::of(row.told()) {
            None => unsigned.push(tip),
            Some(signature) => signed.push(Signed {
                tip,
                signature,
                flood,
            }),
        }
    }
    if !unsigned.is_empty() {
        store::delete_signatures(conn, &unsigned).await?;
    }
    if !signed.is_empty() {
        let rows: Vec<(Uuid, &Signature)> = signed.iter().map(|s| (s.tip, &s.signature)).collect();
        store::insert_signatures(conn, &rows).await?;
    }
    if !members.is_empty() {
        leave(conn, &members, &signed).await?;
        let ids: Vec<Uuid> = texts.iter().map(|text| text.id).collect();
        let left: HashMap<Uuid, Uuid> = store::floods_of(conn, &ids).await?.into_iter().collect();
        for text in &mut signed {
            text.flood = left.get(&text.tip).copied();
        }
    }
    if signed.is_empty() {
        return Ok(());
    }
    let floods: Vec<_> = floods(&signed, &earlier(conn, &signed).await?)
        .into_iter()
        .collect();
    if floods.is_empty() {
        return Ok(());
    }
    store::set_floods(conn, &floods).await
}

/// Takes out of their floods those whose text is no copy any more. New tips belong to none yet.
async fn leave(conn: &mut Conn, members: &[(Uuid, Uuid)], signed: &[Signed]) -> Result<()> {
    for (tip, flood) in members {
        let own = signed.iter().find(|text| text.tip == *tip);
        let others = store::signatures_in(conn, *flood, *tip, a_band()).await?;
        let copies = own.is_some_and(|own| {
            let mut others = others.iter();
            others.any(|other| own.signature.likeness(other) >= COPY)
        });
        if !copies {
            store::leave_flood(conn, *tip, *flood).await?;
        }
    }
    Ok(())
}

fn a_band() -> i64 {
    i64::try_from(A_BAND).unwrap_or(i64::MAX)
}

/// Stored texts that share a band with these and came before the first of these that has it. Copies share
/// their bands, so that a thousand copies cost as many look-ups as one.
async fn earlier(conn: &mut Conn, signed: &[Signed]) -> Result<ByBand> {
    let mut first: [BTreeMap<i64, Uuid>; BANDS] = Default::default();
    for text in signed {
        for (column, value) in first.iter_mut().zip(text.signature.bands()) {
            // In the order of the tips: the first stays.
            column.entry(value).or_insert(text.tip);
        }
    }
    let first = first.map(|column| column.into_iter().unzip());
    let rows = store::with_bands(conn, first, a_band()).await?;
    let mut found = ByBand::new();
    for row in rows {
        let (Ok(band), Some(signature)) = (
            usize::try_from(row.band),
            Signature::from_bytes(&row.signature),
        ) else {
            continue;
        };
        found.entry((band, row.value)).or_default().push(Signed {
            tip: row.tip_id,
            signature,
            flood: row.flood_id,
        });
    }
    Ok(found)
}

/// Which tips belong to which flood now: each joins the flood of the earlier tip it is most like, and of
/// tips that are as like, the first.
fn floods(signed: &[Signed], stored: &ByBand) -> BTreeMap<Uuid, Uuid> {
    let mut seen: HashMap<(usize, i64), Vec<&Signed>> = HashMap::new();
    let mut found: BTreeMap<Uuid, Uuid> = BTreeMap::new();
    for text in signed {
        let bands = text.signature.bands().into_iter().enumerate();
        let mut likest: Option<(f64, &Signed)> = None;
        for band in bands {
            let known = stored.get(&band).into_iter().flatten();
            let here = seen.entry(band).or_default();
            for other in known.chain(here.iter().rev().take(A_BAND).copied()) {
                let likeness = text.signature.likeness(&other.signature);
                let better = likest.is_none_or(|(best, first)| {
                    likeness > best || (likeness >= best && other.tip < first.tip)
                });
                if likeness >= COPY && better {
                    likest = Some((likeness, other));
                }
            }
            here.push(text);
        }
        if let Some((_, other)) = likest {
            let flood = found
                .get(&other.tip)
                .copied()
                .or(other.flood)
                .unwrap_or(other.tip);
            found.insert(other.tip, flood);
            found.insert(text.tip, flood);
        }
    }
    found
}
