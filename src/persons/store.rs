//! SQL of programs and whoever was shown their secrets.

use diesel::sql_types as st;
use diesel_async::RunQueryDsl;

use crate::db::Conn;
use crate::error::Result;

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = st::Text)]
    person: String,
}

/// These, and all who stand behind them: of a program whoever was ever shown its secret, and so on.
pub async fn behind(conn: &mut Conn, subs: &[&str]) -> Result<Vec<String>> {
    let rows: Vec<Row> = diesel::sql_query(
        "with recursive behind (person) as (
            select unnest($1)
            union
            select unnest(c.secret_known_to) from behind b join clients c on c.client_id = b.person)
         select person from behind where person is not null",
    )
    .bind::<st::Array<st::Text>, _>(subs)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.person).collect())
}
