//! Variables of the environment, read so that all that is wrong with them is said at once.

use std::collections::HashMap;
use std::path::PathBuf;

use super::variables::VARIABLES;
use crate::db::Address;

/// Reads variables and collects what is wrong with them.
pub struct Env {
    values: HashMap<String, String>,
    problems: Vec<String>,
}

impl Env {
    /// The process's environment. `NAME_FILE` names a file that holds the value of `NAME`.
    pub fn from_process() -> Self {
        Self::new(std::env::vars())
    }

    /// An environment from pairs.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let values = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        Self {
            values,
            problems: Vec::new(),
        }
    }

    /// The text of a variable.
    pub fn text(&mut self, name: &str) -> Option<String> {
        if let Some(value) = self.values.get(name) {
            return Some(value.clone());
        }
        let path = self.values.get(&format!("{name}_FILE"))?.clone();
        match std::fs::read_to_string(&path) {
            Ok(text) => Some(text.trim().to_owned()),
            Err(error) => {
                self.problems
                    .push(format!("{name}_FILE: cannot read {path}: {error}"));
                None
            }
        }
    }

    /// The file that holds the value of a variable, where one is named and used.
    pub(super) fn file(&self, name: &str) -> Option<PathBuf> {
        let file = self.values.get(&format!("{name}_FILE"));
        file.filter(|_| !self.values.contains_key(name))
            .map(PathBuf::from)
    }

    /// A variable read by `parse`, or its default.
    pub fn parsed<T, E: std::fmt::Display>(
        &mut self,
        name: &str,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> T {
        match self.text(name).map(|text| parse(&text)) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(error)) => {
                self.problems.push(format!("{name}: {error}"));
                default
            }
        }
    }

    pub(super) fn text_or(&mut self, name: &str, default: &str) -> String {
        self.text(name).unwrap_or_else(|| default.to_owned())
    }

    /// Notes a problem with each setting of ours that there is not.
    pub(super) fn refuse_unknown(&mut self) {
        let known = |name: &str| VARIABLES.iter().any(|(known, ..)| *known == name);
        let ours = self
            .values
            .keys()
            .filter(|name| name.starts_with("TINBAO_"));
        let unknown: Vec<String> = ours
            .filter(|name| !known(name.strip_suffix("_FILE").unwrap_or(name)))
            .map(|name| format!("{name}: there is no such setting"))
            .collect();
        self.problems.extend(unknown);
    }

    pub(super) fn database(&mut self, name: &str) -> Option<String> {
        self.parsed(name, None, |text| {
            Address::parse(text).map(|_| Some(text.to_owned()))
        })
    }

    pub(super) fn list<T: std::str::FromStr>(&mut self, name: &str) -> Vec<T>
    where
        T::Err: std::fmt::Display,
    {
        self.parsed(name, Vec::new(), |text| {
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(|item| item.parse().map_err(|e| format!("'{item}': {e}")))
                .collect::<Result<Vec<T>, String>>()
        })
    }

    /// All problems as one line each, or nothing.
    pub fn finish(self) -> Result<(), ConfigError> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(ConfigError(self.problems))
        }
    }

    /// Notes a problem.
    pub fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }
}

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);
