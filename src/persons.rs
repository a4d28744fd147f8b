//! Who stands behind a bearer, where two persons have to agree (contract §2, "another `sub`").
//!
//! A program acts for whoever was shown its secret: with one, somebody alone could agree with himself.

use diesel::sql_types as st;
use diesel_async::RunQueryDsl;

use crate::auth::Principal;
use crate::db::Conn;
use crate::error::{Error, Result};

/// How far it is followed who made a program's secret by a program.
const FAR: i32 = 5;

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = st::Text)]
    person: String,
}

/// The person behind each of these, in order: themselves, but for programs.
async fn behind(conn: &mut Conn, subs: &[&str]) -> Result<Vec<String>> {
    let rows: Vec<Row> = diesel::sql_query(
        "with recursive step (n, person, depth) as (
            select n, sub, 0 from unnest($1) with ordinality as asked (sub, n)
            union all
            select s.n, c.secret_known_to, s.depth + 1
            from step s join clients c on c.client_id = s.person
            where c.secret_known_to <> s.person and s.depth < $2)
         select distinct on (n) person from step order by n, depth desc",
    )
    .bind::<st::Array<st::Text>, _>(subs)
    .bind::<st::Integer, _>(FAR)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.person).collect())
}

/// 409 `same_person` where the bearer is one of those who acted first, or a program of the same person.
pub async fn refuse_same(
    conn: &mut Conn,
    who: &Principal,
    first: &[&str],
    detail: &'static str,
) -> Result<()> {
    let all: Vec<&str> = std::iter::once(who.sub.as_str())
        .chain(first.iter().copied())
        .collect();
    let persons = behind(conn, &all).await?;
    match persons.split_first() {
        Some((second, first)) if first.contains(second) => {
            Err(Error::conflict("same_person", detail))
        }
        _ => Ok(()),
    }
}
