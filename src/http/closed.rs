//! Bodies of which unknown members are refused: the document says so of every object that stands in nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{RefOr, Schema};

/// Marks an operation whose body is read so; it does not stay in the document.
const MARK: &str = "x-closed";
const SCHEMA: &str = "#/components/schemas/";

/// Marks an operation.
pub fn mark(operation: &mut Operation) {
    let extensions = operation.extensions.get_or_insert_default();
    extensions.insert(MARK.to_owned(), Value::Bool(true));
}

/// What the operations of a document refer to.
#[derive(Default)]
pub struct Uses {
    /// In bodies that take no more members.
    closed: BTreeSet<String>,
    /// Everywhere else.
    open: BTreeSet<String>,
}

impl Uses {
    /// Looks at an operation and takes its mark away.
    pub fn look(&mut self, operation: &mut Operation) {
        let marked = operation.extensions.as_mut();
        let marked = marked.is_some_and(|all| all.remove(MARK).is_some());
        operation.extensions = operation.extensions.take().filter(|all| !all.is_empty());
        match marked {
            true => self.closed.extend(named_in(&operation.request_body)),
            false => self.open.extend(named_in(&operation.request_body)),
        }
        self.open.extend(named_in(&operation.responses));
        self.open.extend(named_in(&operation.callbacks));
    }

    /// Closes the schemas that only such bodies refer to.
    pub fn close(&self, schemas: &mut BTreeMap<String, RefOr<Schema>>) {
        let inside: BTreeMap<String, BTreeSet<String>> = schemas
            .iter()
            .map(|(name, schema)| (name.clone(), named_in(schema)))
            .collect();
        // A part of several is closed by none of them: the others' members would be refused.
        let parts = schemas.values().flat_map(|schema| match schema {
            RefOr::T(Schema::AllOf(_)) => named_in(schema),
            _ => BTreeSet::new(),
        });
        let mut open = reached(&self.open, &inside);
        open.extend(parts);
        for name in reached(&self.closed, &inside).difference(&open) {
            if let Some(RefOr::T(Schema::Object(object))) = schemas.get_mut(name)
                && !object.properties.is_empty()
                && object.additional_properties.is_none()
            {
                object.additional_properties =
                    Some(Box::new(AdditionalProperties::FreeForm(false)));
            }
        }
    }
}

/// All schemas that these lead to.
fn reached(
    from: &BTreeSet<String>,
    inside: &BTreeMap<String, BTreeSet<String>>,
) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut next: Vec<String> = from.iter().cloned().collect();
    while let Some(name) = next.pop() {
        if all.insert(name.clone()) {
            next.extend(inside.get(&name).into_iter().flatten().cloned());
        }
    }
    all
}

/// The schemas that a part of the document refers to.
fn named_in(part: &impl Serialize) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let value = serde_json::to_value(part).unwrap_or_default();
    let mut left = vec![&value];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(items) => left.extend(items),
            Value::Object(members) => {
                let name = members.get("$ref").and_then(Value::as_str);
                let name = name.and_then(|name| name.strip_prefix(SCHEMA));
                names.extend(name.map(str::to_owned));
                left.extend(members.values());
            }
            _ => {}
        }
    }
    names
}
