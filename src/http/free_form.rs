//! Objects of which the document names no fields: it says that they may hold any, since the makers of
//! clients otherwise read them as objects that are always empty.

use utoipa::openapi::schema::{
    AdditionalProperties, AllOf, AnyOf, ArrayItems, Schema, SchemaType, Type,
};
use utoipa::openapi::{Object, OneOf, RefOr};

/// Opens every such object in a schema.
pub fn open(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => open_object(object),
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                open(items);
            }
        }
        Schema::OneOf(OneOf { items, .. })
        | Schema::AllOf(AllOf { items, .. })
        | Schema::AnyOf(AnyOf { items, .. }) => items.iter_mut().for_each(open),
        _ => {}
    }
}

fn open_object(object: &mut Object) {
    object.properties.values_mut().for_each(open);
    let is_object = match &object.schema_type {
        SchemaType::Type(kind) => *kind == Type::Object,
        SchemaType::Array(kinds) => kinds.contains(&Type::Object),
        SchemaType::AnyValue => false,
    };
    match &mut object.additional_properties {
        None if is_object && object.properties.is_empty() => {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(true)));
        }
        Some(more) => {
            if let AdditionalProperties::RefOr(schema) = more.as_mut() {
                open(schema);
            }
        }
        None => {}
    }
}
