//! A code of one of our vocabularies, as the document describes it.

use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// No code is longer.
const LONGEST: usize = 100;

/// Stands in the document for a text that has to be a known code: longer than any of them it is none.
pub struct Code;

impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        let object: Object = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A code of a vocabulary."))
            .max_length(Some(LONGEST))
            .build();
        RefOr::T(Schema::Object(object))
    }
}

impl ToSchema for Code {}
