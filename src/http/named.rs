//! Items of pages by their names: the document says what a page holds by reference, so that makers of clients have one
//! type for a thing in a page and alone.

use std::collections::BTreeMap;

use utoipa::openapi::schema::ArrayItems;
use utoipa::openapi::{Ref, RefOr, Schema};

/// What the names of pages begin with; the name of the items follows.
const PAGE: &str = "Page_";

/// Refers each page to the schema of its items, where that is the same as what stands in the page.
pub fn refer(schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    let items: BTreeMap<String, RefOr<Schema>> = schemas
        .keys()
        .filter_map(|page| page.strip_prefix(PAGE))
        .filter_map(|name| Some((name.to_owned(), schemas.get(name)?.clone())))
        .collect();
    for (name, item) in items {
        if let Some(RefOr::T(Schema::Object(page))) = schemas.get_mut(&format!("{PAGE}{name}"))
            && let Some(RefOr::T(Schema::Array(list))) = page.properties.get_mut("items")
            && let ArrayItems::RefOrSchema(inside) = &mut list.items
            && **inside == item
        {
            **inside = RefOr::Ref(Ref::from_schema_name(name));
        }
    }
}
