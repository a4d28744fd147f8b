//! The scopes of the service, in one list.
//!
//! The list is a macro so that other modules can make one item a scope from it
//! (the guard types of the HTTP layer) and never drift from it.

use std::fmt;

/// Calls `$then!` with every scope as `Variant "code" "what it lets the bearer do",`.
macro_rules! for_each_scope {
    ($then:path) => {
        $then! {
            TipsSubmit "tips:submit" "Post tips and batches, extract indicators.",
            CheckRead "check:read" "Check indicators and hash prefixes, read public feeds.",
            TipsRead "tips:read" "Read the queue, tips, the register and related tips, without reporter identity.",
            TipsTriage "tips:triage" "Claim, release and decide on tips, write notes and messages; accepting may open a case.",
            ReportersReveal "reporters:reveal" "See a reporter's identity or the sealed submission, with a stated purpose, audited.",
            CasesRead "cases:read" "Query cases.",
            CasesWrite "cases:write" "Work on cases.",
            CasesDecide "cases:decide" "Take legal decisions on cases, extend, hold, override a claim.",
            IndicatorsRead "indicators:read" "Query indicators.",
            IndicatorsCurate "indicators:curate" "Give verdicts and approvals, keep official entries, decide appeals.",
            ReferralsRead "referrals:read" "See all referrals.",
            ReferralsWrite "referrals:write" "Issue and recall referrals.",
            ReferralsWork "referrals:work" "See and answer referrals addressed to the bearer's own agency.",
            AdvisoriesWrite "advisories:write" "Draft warnings to the public.",
            AdvisoriesPublish "advisories:publish" "Approve and publish warnings to the public.",
            StatsRead "stats:read" "Read statistics.",
            ExchangeRead "exchange:read" "Read changes, bulk exports, STIX/TAXII and MISP.",
            WebhooksManage "webhooks:manage" "Manage webhooks of the bearer's own agency (police: all) and their deliveries.",
            AuditRead "audit:read" "Read and verify the audit log and exposure lists.",
            Admin "admin" "Manage clients, agencies, desks, routing, calendar, reference data and retention.",
        }
    };
}
pub(crate) use for_each_scope;

macro_rules! define_scopes {
    ($($name:ident $code:literal $description:literal,)*) => {
        /// One right a token may carry.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Scope {
            $(#[doc = $description] $name,)*
        }

        impl Scope {
            /// Every scope, in the order of the documentation.
            pub const ALL: &'static [Scope] = &[$(Scope::$name,)*];

            /// The code as it stands in a token's `scope` claim.
            pub const fn as_str(self) -> &'static str {
                match self { $(Scope::$name => $code,)* }
            }

            /// The scope of a code, exactly as written.
            pub fn from_code(code: &str) -> Option<Scope> {
                match code { $($code => Some(Scope::$name),)* _ => None }
            }

            /// What the scope lets its bearer do, for the API's documentation.
            pub const fn description(self) -> &'static str {
                match self { $(Scope::$name => $description,)* }
            }
        }
    };
}
crate::auth::scope::for_each_scope!(define_scopes);

impl Scope {
    #[expect(
        clippy::as_conversions,
        reason = "a fieldless enum has no other way to its discriminant"
    )]
    const fn bit(self) -> u32 {
        1 << (self as u32)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of scopes, one bit each.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(u32);

impl ScopeSet {
    /// The set without any scope.
    pub const EMPTY: ScopeSet = ScopeSet(0);

    /// The set of every scope there is.
    pub const fn all() -> ScopeSet {
        let mut set = 0;
        let mut rest: &[Scope] = Scope::ALL;
        while let [first, tail @ ..] = rest {
            set |= first.bit();
            rest = tail;
        }
        ScopeSet(set)
    }

    /// Reads a space-separated list and leaves out codes that are not ours.
    ///
    /// Foreign issuers add scopes of their own (`openid`), which grant nothing here.
    pub fn parse_known(list: &str) -> ScopeSet {
        list.split(' ').filter_map(Scope::from_code).collect()
    }

    /// Reads a space-separated list and gives back the first code that is not ours.
    pub fn parse(list: &str) -> Result<ScopeSet, &str> {
        list.split_ascii_whitespace()
            .map(|code| Scope::from_code(code).ok_or(code))
            .collect()
    }

    /// Whether the scope is in the set.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether every scope of the other set is in this one.
    pub const fn contains_all(self, other: ScopeSet) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the two sets share a scope.
    pub const fn contains_any(self, other: ScopeSet) -> bool {
        self.0 & other.0 != 0
    }

    /// The scopes in both sets: what a client may hold bounds what a token claims.
    #[must_use]
    pub const fn intersection(self, other: ScopeSet) -> ScopeSet {
        ScopeSet(self.0 & other.0)
    }

    /// The scopes that are not in the other set.
    #[must_use]
    pub const fn without(self, other: ScopeSet) -> ScopeSet {
        ScopeSet(self.0 & !other.0)
    }

    /// The set with one scope more.
    #[must_use]
    pub const fn with(self, scope: Scope) -> ScopeSet {
        ScopeSet(self.0 | scope.bit())
    }

    /// Whether there is no scope in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many scopes are in the set.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// The scopes in the order of the documentation.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .iter()
            .copied()
            .filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().fold(ScopeSet::EMPTY, ScopeSet::with)
    }
}

impl fmt::Display for ScopeSet {
    /// Space-separated, as in a token's `scope` claim.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{self}}}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_leads_back_to_its_scope_and_has_a_bit_of_its_own() {
        assert_eq!(Scope::ALL.len(), 20);
        let mut seen = ScopeSet::EMPTY;
        for &scope in Scope::ALL {
            assert_eq!(Scope::from_code(scope.as_str()), Some(scope));
            assert!(!seen.contains(scope), "{scope} shares its bit");
            assert!(scope.description().ends_with('.'));
            seen = seen.with(scope);
        }
        assert_eq!(seen, ScopeSet::all());
        assert_eq!(seen.len(), 20);
    }

    #[test]
    fn a_code_is_matched_exactly() {
        for wrong in [
            "",
            "Tips:read",
            "tips:read ",
            "tips",
            "tips:*",
            "admin\0",
            "tips:read,admin",
        ] {
            assert_eq!(Scope::from_code(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn lists_are_read_and_written_in_one_order() {
        let set = ScopeSet::parse("tips:triage  tips:read").unwrap();
        assert_eq!(set.to_string(), "tips:read tips:triage");
        assert_eq!(ScopeSet::parse("tips:read root admin"), Err("root"));
        assert_eq!(
            ScopeSet::parse_known("openid tips:read profile").to_string(),
            "tips:read"
        );
        assert_eq!(
            ScopeSet::parse_known("tips:read\tadmin"),
            ScopeSet::EMPTY,
            "only a space separates"
        );
        assert_eq!(ScopeSet::EMPTY.to_string(), "");
    }

    #[test]
    fn a_client_bounds_a_token() {
        let client = ScopeSet::parse("tips:submit check:read").unwrap();
        let token = ScopeSet::parse("check:read admin").unwrap();
        assert_eq!(client.intersection(token).to_string(), "check:read");
        assert!(!client.contains_all(token) && client.contains_any(token));
        assert!(client.contains_all(ScopeSet::EMPTY) && !client.contains_any(ScopeSet::EMPTY));
    }
}
