//! What confines a bearer, in SQL.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types as st;

use super::super::reach::Reach;
use crate::db::schema::referrals;

/// What an agency never learns of: that something was considered.
const UNSENT: [&str; 2] = ["proposed", "discarded"];

impl Reach {
    /// Confines a query.
    pub fn confine<'a>(
        &self,
        mut query: referrals::BoxedQuery<'a, diesel::pg::Pg>,
    ) -> referrals::BoxedQuery<'a, diesel::pg::Pg> {
        if let Some(agency) = self.agency() {
            query = query
                .filter(referrals::agency.eq(agency.to_owned()))
                .filter(referrals::state.ne_all(UNSENT));
        }
        if let Some(units) = self.tips().units() {
            query = query.filter(
                sql::<st::Bool>(
                    "referrals.id in (
                        select r.id from referrals r join tip_states s on s.tip_id = r.tip_id
                        where s.unit_code = any(",
                )
                .bind::<st::Array<st::Text>, _>(units.to_vec())
                .sql(
                    ") union all
                        select r.id from referrals r
                        join case_members m on m.case_id = r.case_id and m.removed_at is null
                        join tip_states s on s.tip_id = m.tip_id
                        where r.tip_id is null and s.unit_code = any(",
                )
                .bind::<st::Array<st::Text>, _>(units.to_vec())
                .sql("))"),
            );
        }
        if let Some(desk) = self.tips().desk() {
            query = query.filter(
                sql::<st::Bool>(
                    "coalesce((select s.desk from tip_states s where s.tip_id = referrals.tip_id),
                              (select c.desk from cases c where c.id = referrals.case_id)) = ",
                )
                .bind::<st::Text, _>(desk.to_owned()),
            );
        }
        query
    }
}
