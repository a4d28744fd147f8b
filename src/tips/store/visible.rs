//! What confines a bearer, in SQL: the one place that knows the columns.

use diesel::prelude::*;

use super::super::visibility::Visibility;
use crate::db::schema::tip_states;

impl Visibility {
    /// Confines a query on `tip_states`.
    pub fn confine<'a>(
        &self,
        mut query: tip_states::BoxedQuery<'a, diesel::pg::Pg>,
    ) -> tip_states::BoxedQuery<'a, diesel::pg::Pg> {
        if let Some(units) = self.units() {
            query = query.filter(tip_states::unit_code.eq_any(units.to_vec()));
        }
        if let Some(desk) = self.desk() {
            query = query.filter(tip_states::desk.eq(desk.to_owned()));
        }
        query
    }
}
