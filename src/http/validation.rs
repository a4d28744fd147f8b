//! What the validator crate finds, as field problems, and rules of our own for it.

use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

use super::json::push_segment;
use crate::error::FieldProblem;

/// Of a text that states a reason: blanks and what nobody sees are none.
pub fn says_something(text: &str) -> Result<(), ValidationError> {
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    if seen.trim().chars().count() >= 3 {
        return Ok(());
    }
    let message = "It has 3 characters or more, without the blanks around it.";
    Err(ValidationError::new("nothing_said").with_message(message.into()))
}

/// Characters without a glyph: controls, formats, fillers and selectors.
fn is_invisible(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_says_nothing() {
        for (text, says) in [
            ("abc", true),
            (" gọi lại ", true),
            ("a\u{200b}b c", true),
            ("     ", false),
            ("ab\u{200b}", false),
            ("\u{200b}\u{200b}\u{200b}", false),
            ("\u{3000}\u{a0}\u{2003}", false),
            ("\u{2800}\u{3164}\u{feff}\u{ad}", false),
            (" \u{200d} a \u{e0041}\u{fe0f} ", false),
            ("\u{0}\u{1}\u{2}", false),
        ] {
            assert_eq!(says_something(text).is_ok(), says, "{text:?}");
        }
    }
}
