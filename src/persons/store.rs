//! SQL of programs and whoever was shown their secrets.

use diesel::sql_types as st;
use diesel_async::RunQueryDsl;

use crate::db::Conn;
use crate::error::Result;

/// How far it is followed who made a program's secret by a program.
const FAR: i32 = 5;

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = st::Text)]
    person: String,
}

/// The person behind each of these: themselves, or of a program whoever was shown its secret.
pub async fn behind(conn: &mut Conn, subs: &[&str]) -> Result<Vec<String>> {
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
