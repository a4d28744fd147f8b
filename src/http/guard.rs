//! Guards: the first argument of a handler says who may call it.
//!
//! `middleware.rs` has verified the token before any extractor runs, so a guard only looks and is
//! ready at once: a stranger gets 401 before a malformed body could get 400.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web};
use utoipa::openapi::security::SecurityRequirement;

use super::api::{Describe, Operation};
use super::middleware::{Credentials, Gate, Withheld};
use super::problem::Problem;
use crate::auth::{Principal, Scope};
use crate::error::{Error, Result};

fn police_only(who: &Principal) -> Result<()> {
    if who.is_police() {
        Ok(())
    } else {
        Err(Error::Forbidden(
            "Only the provincial police does this.".into(),
        ))
    }
}

/// 403 for whoever is not of the provincial police, or confined to a desk or to communes, where
/// something is about the whole province.
pub fn whole_province(who: &Principal) -> Result<()> {
    police_only(who)?;
    if who.is_confined() {
        return Err(Error::Forbidden(
            "It is about the whole province; a token confined to a desk or to communes does not reach it."
                .into(),
        ));
    }
    Ok(())
}

/// What a guard demands.
pub trait Guard {
    /// Scopes any of which lets the caller in.
    fn scopes() -> &'static [Scope];
    /// The same for the OpenAPI document.
    fn security() -> Vec<SecurityRequirement>;
}

/// A set of scopes of which the caller needs one.
pub trait AnyOf: 'static {
    /// The set.
    const SCOPES: &'static [Scope];

    /// Whether `TINBAO_STEP_UP` holds for it, whatever the scope.
    const SENSITIVE: bool = false;

    /// 403 where one of the scopes is not enough.
    fn admit(_: &Principal) -> Result<()> {
        Ok(())
    }
}

/// Demands what `S` does, and the login that `TINBAO_STEP_UP` demands for what is sensitive.
pub struct Sensitive<S>(PhantomData<fn() -> S>);

impl<S: AnyOf> AnyOf for Sensitive<S> {
    const SCOPES: &'static [Scope] = S::SCOPES;
    const SENSITIVE: bool = true;

    fn admit(who: &Principal) -> Result<()> {
        S::admit(who)
    }
}

/// Demands what `S` does, of the provincial police: `Caller<Police<scope::Admin>>`.
pub struct Police<S>(PhantomData<fn() -> S>);

impl<S: AnyOf> AnyOf for Police<S> {
    const SCOPES: &'static [Scope] = S::SCOPES;

    fn admit(who: &Principal) -> Result<()> {
        police_only(who)
    }
}

/// Demands what `S` does, of the provincial police and confined to no desk or commune: what it guards
/// holds for everybody.
pub struct Province<S>(PhantomData<fn() -> S>);

impl<S: AnyOf> AnyOf for Province<S> {
    const SCOPES: &'static [Scope] = S::SCOPES;

    fn admit(who: &Principal) -> Result<()> {
        whole_province(who)
    }
}

macro_rules! scope_markers {
    ($($name:ident),* $(,)?) => {
        /// One marker type a scope, to be written as `Caller<scope::TipsRead>`.
        pub mod scope {
            use super::{AnyOf, Scope};
            $(
                #[doc = concat!("Demands [`Scope::", stringify!($name), "`].")]
                pub struct $name;
                impl AnyOf for $name { const SCOPES: &'static [Scope] = &[Scope::$name]; }
            )*
            /// Demands any scope that only officers and administrators hold.
            pub struct AnyOfficer;
            impl AnyOf for AnyOfficer {
                const SCOPES: &'static [Scope] = &[
                    Scope::TipsRead, Scope::TipsTriage, Scope::CasesRead, Scope::CasesWrite,
                    Scope::CasesDecide, Scope::IndicatorsRead, Scope::IndicatorsCurate,
                    Scope::ReferralsRead, Scope::ReferralsWrite, Scope::Admin,
                ];
            }
            /// Demands any scope of officers and administrators, or `stats:read`.
            pub struct OfficerOrStats;
            impl AnyOf for OfficerOrStats {
                const SCOPES: &'static [Scope] = &[
                    Scope::TipsRead, Scope::TipsTriage, Scope::CasesRead, Scope::CasesWrite,
                    Scope::CasesDecide, Scope::IndicatorsRead, Scope::IndicatorsCurate,
                    Scope::ReferralsRead, Scope::ReferralsWrite, Scope::StatsRead, Scope::Admin,
                ];
            }
            /// Demands `tips:submit` or `admin`.
            pub struct SubmitOrAdmin;
            impl AnyOf for SubmitOrAdmin {
                const SCOPES: &'static [Scope] = &[Scope::TipsSubmit, Scope::Admin];
            }
            /// Demands `tips:submit` or `check:read`.
            pub struct SubmitOrCheck;
            impl AnyOf for SubmitOrCheck {
                const SCOPES: &'static [Scope] = &[Scope::TipsSubmit, Scope::CheckRead];
            }
            /// Demands `cases:write` or `cases:decide`.
            pub struct CasesWriteOrDecide;
            impl AnyOf for CasesWriteOrDecide {
                const SCOPES: &'static [Scope] = &[Scope::CasesWrite, Scope::CasesDecide];
            }
            /// Demands `cases:decide` or `admin`.
            pub struct CasesDecideOrAdmin;
            impl AnyOf for CasesDecideOrAdmin {
                const SCOPES: &'static [Scope] = &[Scope::CasesDecide, Scope::Admin];
            }
            /// Demands `referrals:work` or `cases:read`.
            pub struct WorkOrCases;
            impl AnyOf for WorkOrCases {
                const SCOPES: &'static [Scope] = &[Scope::ReferralsWork, Scope::CasesRead];
            }
            /// Demands `referrals:write` or `referrals:work`.
            pub struct ReferralsWriteOrWork;
            impl AnyOf for ReferralsWriteOrWork {
                const SCOPES: &'static [Scope] = &[Scope::ReferralsWrite, Scope::ReferralsWork];
            }
            /// Demands `advisories:write` or `advisories:publish`.
            pub struct AdvisoriesWriteOrPublish;
            impl AnyOf for AdvisoriesWriteOrPublish {
                const SCOPES: &'static [Scope] = &[Scope::AdvisoriesWrite, Scope::AdvisoriesPublish];
            }
            /// Demands `referrals:read` or `referrals:work`.
            pub struct ReferralsReadOrWork;
            impl AnyOf for ReferralsReadOrWork {
                const SCOPES: &'static [Scope] = &[Scope::ReferralsRead, Scope::ReferralsWork];
            }
        }
    };
}
scope_markers!(
    TipsSubmit,
    CheckRead,
    TipsRead,
    TipsTriage,
    ReportersReveal,
    CasesRead,
    CasesWrite,
    CasesDecide,
    IndicatorsRead,
    IndicatorsCurate,
    ReferralsRead,
    ReferralsWrite,
    ReferralsWork,
    AdvisoriesWrite,
    AdvisoriesPublish,
    StatsRead,
    ExchangeRead,
    WebhooksManage,
    AuditRead,
    Admin,
);

pub(super) fn bearer(scopes: &'static [Scope]) -> Vec<SecurityRequirement> {
    scopes
        .iter()
        .map(|scope| SecurityRequirement::new("bearer", [scope.as_str()]))
        .collect()
}

/// A caller whose token carries (one of) the scope(s) `S`.
pub struct Caller<S> {
    /// Who calls.
    pub who: Arc<Principal>,
    _scope: PhantomData<fn() -> S>,
}

impl<S: AnyOf> Guard for Caller<S> {
    fn scopes() -> &'static [Scope] {
        S::SCOPES
    }
    fn security() -> Vec<SecurityRequirement> {
        bearer(S::SCOPES)
    }
}

impl<S: AnyOf> Describe for Caller<S> {
    fn describe(operation: &mut Operation) {
        operation.errors(&[401, 403]);
    }
}

impl<S: AnyOf> FromRequest for Caller<S> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(admit::<S>(request).map(|who| Self {
            who,
            _scope: PhantomData,
        }))
    }
}

pub(super) fn admit<S: AnyOf>(request: &HttpRequest) -> Result<Arc<Principal>, Problem> {
    let scopes = S::SCOPES;
    match request.extensions().get::<Credentials>() {
        None | Some(Credentials::None) => Err(Problem::unauthorized(false)),
        Some(Credentials::Rejected) => Err(Problem::unauthorized(true)),
        Some(Credentials::Unavailable) => Err(Problem::unavailable()),
        Some(Credentials::Known(who)) if scopes.iter().any(|s| who.may(*s)) => {
            if S::SENSITIVE {
                logged_in(request)?;
            }
            S::admit(who)?;
            Ok(who.clone())
        }
        Some(Credentials::Known(_)) => Err(Problem::insufficient_scope(scopes)),
    }
}

/// 401 where the bearer must log in otherwise first.
fn logged_in(request: &HttpRequest) -> Result<(), Problem> {
    let gate = request.app_data::<web::Data<Gate>>();
    match gate.and_then(|gate| gate.step_up.as_ref()) {
        Some(demanded) if request.extensions().contains::<Withheld>() => {
            Err(Problem::step_up(demanded))
        }
        _ => Ok(()),
    }
}

/// Whether routes guarded by [`CallerOrPublic`] are open without a token (`TINBAO_PUBLIC_CHECK`).
#[derive(Clone, Copy, Debug)]
pub struct PublicCheck(pub bool);

/// A caller with scope `S`, or anyone where the service is set to answer the public.
pub struct CallerOrPublic<S> {
    /// Who calls, if a token was sent.
    pub who: Option<Arc<Principal>>,
    _scope: PhantomData<fn() -> S>,
}

impl<S: AnyOf> Guard for CallerOrPublic<S> {
    fn scopes() -> &'static [Scope] {
        S::SCOPES
    }
    fn security() -> Vec<SecurityRequirement> {
        let mut all = bearer(S::SCOPES);
        all.push(SecurityRequirement::default());
        all
    }
}

impl<S: AnyOf> Describe for CallerOrPublic<S> {
    fn describe(operation: &mut Operation) {
        operation.errors(&[401, 403]);
    }
}

impl<S: AnyOf> FromRequest for CallerOrPublic<S> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let open = request
            .app_data::<web::Data<PublicCheck>>()
            .is_some_and(|public| public.0);
        let anonymous = matches!(
            request.extensions().get::<Credentials>(),
            None | Some(Credentials::None)
        );
        ready(if open && anonymous {
            Ok(Self {
                who: None,
                _scope: PhantomData,
            })
        } else {
            admit::<S>(request).map(|who| Self {
                who: Some(who),
                _scope: PhantomData,
            })
        })
    }
}

/// No token needed.
pub struct Anyone;

impl Guard for Anyone {
    fn scopes() -> &'static [Scope] {
        &[]
    }
    fn security() -> Vec<SecurityRequirement> {
        vec![SecurityRequirement::default()]
    }
}

impl Describe for Anyone {}

impl FromRequest for Anyone {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self))
    }
}
