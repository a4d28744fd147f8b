//! What the validator crate finds, as field problems, and rules of our own for it.

use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

use super::json::push_segment;
use crate::error::FieldProblem;

/// Of a text that states a reason: blanks are none.
pub fn says_something(text: &str) -> Result<(), ValidationError> {
    if text.trim().chars().count() >= 3 {
        return Ok(());
    }
    let message = "It has 3 characters or more, without the blanks around it.";
    Err(ValidationError::new("nothing_said").with_message(message.into()))
}

/// The validator crate's findings as field problems.
pub fn field_problems(errors: &ValidationErrors) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    collect(errors, "", &mut found);
    found.sort_by(|a, b| format!("{:?}", a.place).cmp(&format!("{:?}", b.place)));
    found
}

fn collect(errors: &ValidationErrors, prefix: &str, found: &mut Vec<FieldProblem>) {
    for (field, kind) in errors.errors() {
        let mut pointer = prefix.to_owned();
        push_segment(&mut pointer, field);
        match kind {
            ValidationErrorsKind::Field(problems) => {
                found.extend(problems.iter().map(|problem| {
                    let detail = match &problem.message {
                        Some(message) => message.to_string(),
                        None => bounds(problem),
                    };
                    FieldProblem::at(pointer.clone(), problem.code.clone(), detail)
                }));
            }
            ValidationErrorsKind::Struct(inner) => collect(inner, &pointer, found),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &format!("{pointer}/{index}"), found);
                }
            }
        }
    }
}

fn bounds(problem: &ValidationError) -> String {
    let bound = |name: &str| problem.params.get(name).map(ToString::to_string);
    let unit = if problem.code == "length" {
        " characters or items"
    } else {
        ""
    };
    match (bound("min"), bound("max")) {
        (Some(min), Some(max)) => format!("Must be between {min} and {max}{unit}."),
        (Some(min), None) => format!("Must be at least {min}{unit}."),
        (None, Some(max)) => format!("Must be at most {max}{unit}."),
        (None, None) => "The value is not valid.".to_owned(),
    }
}
