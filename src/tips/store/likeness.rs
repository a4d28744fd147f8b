//! SQL of texts that are alike and of indicators that are shared.

use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::super::visibility::Visibility;
use crate::db::Conn;
use crate::db::schema::{tip_states as s, tip_texts as x};
use crate::domain::likeness::{BANDS, Signature};
use crate::error::Result;

/// Keeps signatures, replacing what is there.
pub async fn insert_signatures(conn: &mut Conn, all: &[(Uuid, &Signature)]) -> Result<()> {
    let ids = all.iter().map(|(tip, _)| *tip);
    let signatures = all.iter().map(|(_, signature)| signature.to_bytes());
    let mut bands: [Vec<i64>; BANDS] = Default::default();
    for (_, signature) in all {
        for (column, band) in bands.iter_mut().zip(signature.bands()) {
            column.push(band);
        }
    }
    let [a, b, c, d, e] = bands;
    diesel::sql_query(
        "insert into tip_texts (tip_id, signature, band_1, band_2, band_3, band_4, band_5)
         select * from unnest($1, $2, $3, $4, $5, $6, $7)
         on conflict (tip_id) do update set signature = excluded.signature, band_1 = excluded.band_1,
            band_2 = excluded.band_2, band_3 = excluded.band_3, band_4 = excluded.band_4, band_5 = excluded.band_5",
    )
    .bind::<st::Array<st::Uuid>, _>(ids.collect::<Vec<_>>())
    .bind::<st::Array<st::Binary>, _>(signatures.collect::<Vec<_>>())
    .bind::<st::Array<st::BigInt>, _>(a)
    .bind::<st::Array<st::BigInt>, _>(b)
    .bind::<st::Array<st::BigInt>, _>(c)
    .bind::<st::Array<st::BigInt>, _>(d)
    .bind::<st::Array<st::BigInt>, _>(e)
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets the signatures of tips whose text is too short to have one.
pub async fn delete_signatures(conn: &mut Conn, tips: &[Uuid]) -> Result<usize> {
    Ok(diesel::delete(x::table.filter(x::tip_id.eq_any(tips)))
        .execute(conn)
        .await?)
}

/// Those of some tips that belong to floods, each with its flood.
pub async fn floods_of(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>> {
    Ok(s::table
        .filter(s::tip_id.eq_any(tips).and(s::flood_id.is_not_null()))
        .select((s::tip_id, s::flood_id.assume_not_null()))
        .load(conn)
        .await?)
}

/// Signatures of some other tips of a flood.
pub async fn signatures_in(
    conn: &mut Conn,
    flood: Uuid,
    but: Uuid,
    limit: i64,
) -> Result<Vec<Signature>> {
    let all: Vec<Vec<u8>> = s::table
        .inner_join(x::table.on(x::tip_id.eq(s::tip_id)))
        .filter(s::flood_id.eq(flood).and(s::tip_id.ne(but)))
        .select(x::signature)
        .limit(limit)
        .load(conn)
        .await?;
    Ok(all
        .iter()
        .filter_map(|bytes| Signature::from_bytes(bytes))
        .collect())
}

/// Takes a tip out of a flood; one that is left alone is no flood. Their rows are locked in order.
pub async fn leave_flood(conn: &mut Conn, tip: Uuid, flood: Uuid) -> Result<()> {
    diesel::sql_query(
        "with rest as materialized (
            select tip_id from tip_states where flood_id = $2 and tip_id <> $1 limit 2),
         locked as materialized (
            select tip_id from tip_states
            where tip_id = any(array(select $1 union all
                                     select tip_id from rest where (select count(*) from rest) = 1))
            order by tip_id for update)
         update tip_states s set flood_id = null from locked where s.tip_id = locked.tip_id",
    )
    .bind::<st::Uuid, _>(tip)
    .bind::<st::Uuid, _>(flood)
    .execute(conn)
    .await?;
    Ok(())
}

/// The signature of one tip.
pub async fn find_signature(conn: &mut Conn, tip: Uuid) -> Result<Option<Signature>> {
    let bytes: Option<Vec<u8>> = x::table
        .select(x::signature)
        .filter(x::tip_id.eq(tip))
        .first(conn)
        .await
        .optional()?;
    Ok(bytes.and_then(|bytes| Signature::from_bytes(&bytes)))
}

/// The flood that a tip belongs to.
pub async fn flood_of(conn: &mut Conn, tip: Uuid) -> Result<Option<Uuid>> {
    Ok(s::table
        .select(s::flood_id)
        .filter(s::tip_id.eq(tip))
        .first(conn)
        .await
        .optional()?
        .flatten())
}

/// A text that shares a band with another.
#[derive(QueryableByName)]
pub struct Candidate {
    /// The other tip.
    #[diesel(sql_type = st::Uuid)]
    pub tip_id: Uuid,
    /// Its signature.
    #[diesel(sql_type = st::Binary)]
    pub signature: Vec<u8>,
    /// Its flood, where it belongs to one.
    #[diesel(sql_type = st::Nullable<st::Uuid>)]
    pub flood_id: Option<Uuid>,
}

/// A text that has a band.
#[derive(QueryableByName)]
pub struct WithBand {
    /// Which of the bands, from 0.
    #[diesel(sql_type = st::Integer)]
    pub band: i32,
    /// Its value.
    #[diesel(sql_type = st::BigInt)]
    pub value: i64,
    #[diesel(sql_type = st::Uuid)]
    pub tip_id: Uuid,
    #[diesel(sql_type = st::Binary)]
    pub signature: Vec<u8>,
    #[diesel(sql_type = st::Nullable<st::Uuid>)]
    pub flood_id: Option<Uuid>,
}

/// The newest texts that have one of these bands and came before a tip: a few a band, so that a flood of
/// any size costs the same. `bands` holds, for each of the bands, its values with that tip.
pub async fn with_bands(
    conn: &mut Conn,
    bands: [(Vec<i64>, Vec<Uuid>); BANDS],
    a_band: i64,
) -> Result<Vec<WithBand>> {
    let look = |(n, band): (usize, &str)| {
        let (values, before) = (2 * n + 2, 2 * n + 3);
        format!(
            "select {n} as band, w.value, o.tip_id, o.signature
             from unnest(${values}::bigint[], ${before}::uuid[]) as w (value, before)
             cross join lateral (
                select tip_id, signature from tip_texts
                where {band} = w.value and tip_id < w.before order by tip_id desc limit $1) o"
        )
    };
    let looks: Vec<String> = BAND_COLUMNS.into_iter().enumerate().map(look).collect();
    let sql = format!(
        "select o.*, s.flood_id from ({}) o join tip_states s on s.tip_id = o.tip_id",
        looks.join(" union all ")
    );
    let mut query = diesel::sql_query(sql)
        .into_boxed()
        .bind::<st::BigInt, _>(a_band);
    for (values, before) in bands {
        query = query
            .bind::<st::Array<st::BigInt>, _>(values)
            .bind::<st::Array<st::Uuid>, _>(before);
    }
    Ok(query.load(conn).await?)
}

const BAND_COLUMNS: [&str; BANDS] = ["band_1", "band_2", "band_3", "band_4", "band_5"];

/// Puts tips into floods. Their rows are locked in order, so that nobody waits for whom he blocks.
pub async fn set_floods(conn: &mut Conn, all: &[(Uuid, Uuid)]) -> Result<()> {
    let (tips, floods): (Vec<Uuid>, Vec<Uuid>) = all.iter().copied().unzip();
    diesel::sql_query(
        "with locked as materialized (
            select tip_id from tip_states where tip_id = any($1) order by tip_id for update)
         update tip_states s set flood_id = u.flood
         from locked join unnest($1, $2) as u (tip, flood) on u.tip = locked.tip_id
         where s.tip_id = locked.tip_id",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::Array<st::Uuid>, _>(floods)
    .execute(conn)
    .await?;
    Ok(())
}

/// Signatures of tips that a bearer may see and that share a band with a text, the newest of each band.
pub async fn alike(
    conn: &mut Conn,
    tip: Uuid,
    visible: &Visibility,
    a_band: i64,
) -> Result<Vec<Candidate>> {
    let look = |band: &str| {
        format!(
            "(select tip_id, signature from tip_texts
              where {band} = t.{band} and tip_id <> t.tip_id order by tip_id desc limit $2)"
        )
    };
    let sql = format!(
        "select distinct o.tip_id, o.signature, s.flood_id
         from tip_texts t
         cross join lateral ({}) o
         join tip_states s on s.tip_id = o.tip_id
         where t.tip_id = $1 and not s.test and s.restricted_at is null
           and ($3::text is null or s.desk = $3) and ($4::text[] is null or s.unit_code = any($4))",
        BAND_COLUMNS.map(look).join(" union all ")
    );
    Ok(diesel::sql_query(sql)
        .bind::<st::Uuid, _>(tip)
        .bind::<st::BigInt, _>(a_band)
        .bind::<st::Nullable<st::Text>, _>(visible.desk())
        .bind::<st::Nullable<st::Array<st::Text>>, _>(visible.units())
        .load(conn)
        .await?)
}

/// An indicator of a tip, and another tip that names it where there is one.
#[derive(QueryableByName)]
pub struct SharedRow {
    #[diesel(sql_type = st::Uuid)]
    pub indicator_id: Uuid,
    #[diesel(sql_type = st::Text)]
    pub kind: String,
    #[diesel(sql_type = st::Text)]
    pub value: String,
    /// Tips that name it, as counted a few seconds ago.
    #[diesel(sql_type = st::Integer)]
    pub tips: i32,
    #[diesel(sql_type = st::Nullable<st::Uuid>)]
    pub tip_id: Option<Uuid>,
}

/// How far the newest tips of an indicator are looked at.
pub struct Reach {
    /// An indicator in more tips than this is hot.
    pub hot: i32,
    /// Tips of one that is not hot.
    pub usual: i64,
    /// Tips of a hot one.
    pub of_hot: i64,
    /// Tips looked through to find some that the bearer may see.
    pub looked_through: i64,
}

/// The indicators of a tip with the newest other tips that name them.
pub async fn shared(
    conn: &mut Conn,
    tip: Uuid,
    visible: &Visibility,
    reach: &Reach,
) -> Result<Vec<SharedRow>> {
    Ok(diesel::sql_query(
        "select i.id as indicator_id, i.kind, i.value, coalesce(f.tips, 1) as tips, o.tip_id
         from (select distinct indicator_key from tip_indicators
               where tip_id = $1 and indicator_key is not null) mine
         join indicators i on i.key = mine.indicator_key
         left join indicator_figures f on f.key = mine.indicator_key
         left join lateral (
            select n.tip_id from (
                select tip_id from tip_indicators where indicator_key = mine.indicator_key and tip_id <> $1
                order by tip_id desc limit $5) n
            join tip_states s on s.tip_id = n.tip_id
            where not s.test and s.restricted_at is null and ($6::text is null or s.desk = $6) and ($7::text[] is null or s.unit_code = any($7))
            limit case when coalesce(f.tips, 1) > $2 then $4 else $3 end) o on true",
    )
    .bind::<st::Uuid, _>(tip)
    .bind::<st::Integer, _>(reach.hot)
    .bind::<st::BigInt, _>(reach.usual)
    .bind::<st::BigInt, _>(reach.of_hot)
    .bind::<st::BigInt, _>(reach.looked_through)
    .bind::<st::Nullable<st::Text>, _>(visible.desk())
    .bind::<st::Nullable<st::Array<st::Text>>, _>(visible.units())
    .load(conn)
    .await?)
}

/// Those of some tips that a bearer may see, with their register numbers.
pub async fn states_of(
    conn: &mut Conn,
    ids: &[Uuid],
    visible: &Visibility,
) -> Result<Vec<(super::TipState, Option<String>)>> {
    use crate::db::schema::register as r;
    let states: Vec<super::TipState> = visible
        .confine(s::table.into_boxed())
        .filter(s::tip_id.eq_any(ids.to_vec()))
        .select(super::TipState::as_select())
        .load(conn)
        .await?;
    let numbers: Vec<(Uuid, String)> = r::table
        .filter(r::tip_id.eq_any(ids))
        .select((r::tip_id, r::number))
        .load(conn)
        .await?;
    let mut numbers: std::collections::HashMap<_, _> = numbers.into_iter().collect();
    Ok(states
        .into_iter()
        .map(|state| {
            let number = numbers.remove(&state.tip_id);
            (state, number)
        })
        .collect())
}
