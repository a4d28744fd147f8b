//! Background: signatures of texts, and floods of tips with nearly the same text.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::store::likeness::{self as store, Candidate};
use crate::db::Conn;
use crate::domain::likeness::{COPY, Signature};
use crate::error::Result;

/// Candidates a band: enough to meet a flood, and no more however large it is.
const A_BAND: i64 = 10;

/// Keeps the signatures of new or amended tips and puts copies of one message into one flood. A tip whose
/// text was amended is judged anew: it leaves a flood that it copies no longer.
pub async fn sign(conn: &mut Conn, ids: &[Uuid]) -> Result<()> {
    let texts = store::texts(conn, ids).await?;
    let signed: Vec<(Uuid, Signature)> = texts
        .iter()
        .filter_map(|(id, text)| Some((*id, Signature::of(text)?)))
        .collect();
    let unsigned: Vec<Uuid> = texts
        .iter()
        .map(|(id, _)| *id)
        .filter(|id| !signed.iter().any(|(own, _)| own == id))
        .collect();
    store::delete_signatures(conn, &unsigned).await?;
    if !signed.is_empty() {
        store::insert_signatures(conn, &signed).await?;
    }
    leave(conn, ids, &signed).await?;
    let new: Vec<Uuid> = signed.iter().map(|(id, _)| *id).collect();
    let candidates = store::earlier_candidates(conn, &new, A_BAND).await?;
    let floods: Vec<_> = floods(&signed, candidates).into_iter().collect();
    if floods.is_empty() {
        return Ok(());
    }
    store::set_floods(conn, &floods).await
}

/// Takes out of their floods those whose text is no copy any more. New tips belong to none yet.
async fn leave(conn: &mut Conn, ids: &[Uuid], signed: &[(Uuid, Signature)]) -> Result<()> {
    for (tip, flood) in store::floods_of(conn, ids).await? {
        let own = signed.iter().find(|(id, _)| *id == tip).map(|(_, own)| own);
        let others = store::signatures_in(conn, flood, tip, A_BAND).await?;
        let copies = own.is_some_and(|own| others.iter().any(|other| own.likeness(other) >= COPY));
        if !copies {
            store::leave_flood(conn, tip, flood).await?;
        }
    }
    Ok(())
}

/// Which tips belong to which flood now: each joins the flood of the earlier tip it is most like.
fn floods(signed: &[(Uuid, Signature)], candidates: Vec<Candidate>) -> BTreeMap<Uuid, Uuid> {
    let mut by_tip: HashMap<Uuid, Vec<Candidate>> = HashMap::new();
    for candidate in candidates {
        by_tip.entry(candidate.of).or_default().push(candidate);
    }
    let mut found: BTreeMap<Uuid, Uuid> = BTreeMap::new();
    for (tip, signature) in signed {
        let likest = by_tip
            .remove(tip)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|other| {
                let likeness = signature.likeness(&Signature::from_bytes(&other.signature)?);
                (likeness >= COPY).then_some((likeness, other))
            })
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.tip_id.cmp(&a.1.tip_id)));
        if let Some((_, other)) = likest {
            let flood = found
                .get(&other.tip_id)
                .copied()
                .or(other.flood_id)
                .unwrap_or(other.tip_id);
            found.insert(other.tip_id, flood);
            found.insert(*tip, flood);
        }
    }
    found
}
