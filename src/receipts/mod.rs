//! Receipts: what became of a tip, for the reporter who holds its receipt.

mod case_http;
mod case_notices;
pub mod ends;
mod http;
mod kept;
mod news;
mod notices;
mod process;
mod results;
mod service;
mod shown;
mod sms;
mod standing;
mod store;
mod telling;

use actix_web::web;

use crate::db::Conn;
use crate::domain::receipt::Receipt;
use crate::error::Error;
use crate::http::limits::Verdict;
use crate::http::middleware::Gate;
use crate::http::{Api, Meta, Problem, Reporter};
use crate::state::AppState;
use crate::tips::intake::receipt_hash;

pub use service::erase;
pub use store::Opened;

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([http::api(), case_http::api(), sms::api()])
}

/// Opens what a receipt gives access to; a failed attempt is counted by address (contract §3).
pub async fn open(
    conn: &mut Conn,
    app: &AppState,
    gate: &web::Data<Gate>,
    reporter: &Reporter,
    meta: &Meta,
) -> Result<Opened, Problem> {
    let receipt = Receipt::parse(&reporter.presented);
    let (opened, left) = try_open(conn, app, gate, receipt.as_ref(), meta).await?;
    if let Some(left) = left {
        reporter.tell(left);
    }
    Ok(opened.ok_or(Error::not_found("receipt"))?)
}

/// [`open`], or how the receipt ended where it was withdrawn or its tip erased: that is no failed attempt.
pub async fn open_or_ended(
    conn: &mut Conn,
    app: &AppState,
    gate: &web::Data<Gate>,
    reporter: &Reporter,
    meta: &Meta,
) -> Result<Result<Opened, ends::EndedView>, Problem> {
    if let Some(receipt) = Receipt::parse(&reporter.presented) {
        let hash = receipt_hash(app, &receipt);
        if store::find(conn, &hash).await?.is_none()
            && let Some(end) = ends::find(conn, &hash, app.now()).await?
        {
            return Ok(Err(ends::EndedView::of(end, meta.lang)));
        }
    }
    open(conn, app, gate, reporter, meta).await.map(Ok)
}

/// [`open`], where a receipt that opens nothing is no error; with what is left for additions to the tip, or for failed
/// attempts.
async fn try_open(
    conn: &mut Conn,
    app: &AppState,
    gate: &web::Data<Gate>,
    receipt: Option<&Receipt>,
    meta: &Meta,
) -> Result<(Option<Opened>, Option<Verdict>), Problem> {
    let found = match receipt {
        None => None,
        Some(receipt) => store::find(conn, &receipt_hash(app, receipt)).await?,
    };
    let Some(opened) = found else {
        let left = gate.limits.failed_receipt(&meta.address)?;
        return Ok((None, Some(left)));
    };
    let left = match meta.method.as_str() {
        "GET" | "HEAD" => None,
        _ => gate.limits.addition(opened.tip_id.as_bytes())?,
    };
    Ok((Some(opened), left))
}
