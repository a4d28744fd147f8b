//! SQL of the list of indicators.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{IndicatorRow, known_to};
use crate::auth::Principal;
use crate::db::Conn;
use crate::db::schema::indicators as i;
use crate::error::Result;

/// Filters of the list.
pub struct Wanted<'a> {
    pub kind: Option<&'a str>,
    pub key: Option<&'a [u8]>,
    pub verdict: Option<&'a str>,
    pub min_tips: Option<i32>,
    /// Whether enough reports came since it was cleared, how many these are.
    pub reexamine: Option<(bool, i32)>,
    pub who: &'a Principal,
    pub after: Option<Uuid>,
    pub limit: i64,
}

/// One page, newest first, and one row more where there is more.
pub async fn page(conn: &mut Conn, wanted: &Wanted<'_>) -> Result<Vec<IndicatorRow>> {
    // What only trials name is nobody's report.
    let mut query = known_to(wanted.who)
        .filter(sql::<st::Bool>(
            "(exists (select from tip_indicators e join tips t on t.id = e.tip_id
                      where e.indicator_key = indicators.key and not t.test)
              or not exists (select from tip_indicators e where e.indicator_key = indicators.key)
              or exists (select from indicator_verdicts v where v.key = indicators.key))",
        ))
        .order(i::id.desc())
        .limit(wanted.limit + 1);
    if let Some(kind) = wanted.kind {
        query = query.filter(i::kind.eq(kind));
    }
    if let Some(key) = wanted.key {
        query = query.filter(i::key.eq(key));
    }
    if let Some(verdict) = wanted.verdict {
        query = query.filter(
            sql::<st::Bool>(
                "key in (select key from indicator_verdicts where ended_at is null and not waits and verdict = ",
            )
            .bind::<st::Text, _>(verdict)
            .sql(")"),
        );
    }
    if let Some(tips) = wanted.min_tips {
        query = query.filter(
            sql::<st::Bool>("key in (select key from indicator_figures where tips >= ")
                .bind::<st::Integer, _>(tips)
                .sql(")"),
        );
    }
    if let Some((asked, enough)) = wanted.reexamine {
        // A condition of its own each, not one that is compared with what was asked: only so it is joined by its keys,
        // and the list is not walked to its end for a few.
        let exists = match asked {
            true => "exists",
            false => "not exists",
        };
        query = query.filter(
            sql::<st::Bool>(&format!(
                "{exists} (select from indicator_verdicts v join indicator_figures g using (key)
                           where v.key = indicators.key and v.ended_at is null and not v.waits
                             and v.verdict = 'cleared' and g.independent - v.independent >= ",
            ))
            .bind::<st::Integer, _>(enough)
            .sql(")"),
        );
    }
    if let Some(id) = wanted.after {
        query = query.filter(i::id.lt(id));
    }
    Ok(query.select(IndicatorRow::as_select()).load(conn).await?)
}
