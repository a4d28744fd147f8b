//! RFC 9457 problems: the only place where an error becomes a status code.

use std::borrow::Cow;

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Scope, StepUp};
use crate::error::{Error, FieldProblem, Place};

/// What a client should do after a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same request can never succeed.
    Never,
    /// Send the same request again, with the same `Idempotency-Key`, after `Retry-After`.
    SameKey,
    /// Get a fresh token, or log in again as asked; then send the same request again, with the same `Idempotency-Key`.
    NewToken,
    /// Read the resource again, then decide anew.
    AfterRead,
}

/// One row of the public list of problem types.
#[derive(Debug)]
pub struct ProblemType {
    /// Last segment of the `type` URI, and the `code` of the problem.
    pub slug: &'static str,
    /// HTTP status it is answered with.
    pub status: u16,
    /// English title.
    pub title: &'static str,
    /// Vietnamese title.
    pub title_vi: &'static str,
    /// Whether trying again makes sense.
    pub retry: Retry,
}

macro_rules! problem_types {
    ($($slug:literal $status:literal $retry:ident $title:literal / $vi:literal;)*) => {
        /// Every problem type the service answers with; `GET /problems` shows the list.
        pub static PROBLEM_TYPES: &[ProblemType] = &[$(ProblemType {
            slug: $slug, status: $status, title: $title, title_vi: $vi, retry: Retry::$retry,
        },)*];
    };
}

problem_types! {
    "malformed" 400 Never "Malformed request" / "Yêu cầu sai định dạng";
    "invalid_grant_request" 400 Never "Token request is not valid" / "Yêu cầu cấp mã truy cập không hợp lệ";
    "invalid_cursor" 400 Never "Cursor is not valid for this list" / "Con trỏ trang không hợp lệ";
    "invalid_token" 401 NewToken "Access token missing or not valid" / "Thiếu mã truy cập hoặc mã không hợp lệ";
    "insufficient_user_authentication" 401 NewToken "A stronger or newer login is needed" / "Cần đăng nhập lại theo cách an toàn hơn";
    "invalid_client" 401 Never "Client authentication failed" / "Xác thực ứng dụng không thành công";
    "receipt_required" 401 Never "Receipt missing" / "Thiếu mã tra cứu";
    "insufficient_scope" 403 Never "Token lacks the scope needed" / "Mã truy cập không đủ quyền";
    "forbidden" 403 Never "Not allowed" / "Không được phép";
    "not_found" 404 Never "Not found" / "Không tìm thấy";
    "method_not_allowed" 405 Never "Method not allowed" / "Phương thức không được hỗ trợ";
    "not_acceptable" 406 Never "No acceptable representation" / "Không có định dạng phù hợp";
    "request_timeout" 408 SameKey "The body did not come in time" / "Nội dung gửi đến quá chậm";
    "in_progress" 409 SameKey "The first request with this key is still running" / "Yêu cầu đầu tiên với khoá này đang được xử lý";
    "not_claimed" 409 AfterRead "The tip is not claimed by you" / "Tin chưa được bạn nhận xử lý";
    "claimed_by_other" 409 AfterRead "The tip is claimed by someone else" / "Tin đang do người khác xử lý";
    "already_decided" 409 AfterRead "The tip is already decided" / "Tin đã có quyết định";
    "not_undoable" 409 AfterRead "The decision can no longer be undone" / "Không thể hoàn tác quyết định";
    "unlawful_move" 409 AfterRead "The law does not allow this step now" / "Bước tố tụng chưa đủ điều kiện theo luật";
    "already_completed" 409 AfterRead "Already completed" / "Đã hoàn thành";
    "already_renewed" 409 AfterRead "It is prolonged already" / "Đã được gia hạn";
    "wrong_state" 409 AfterRead "The state of the resource does not allow this" / "Trạng thái hiện tại không cho phép";
    "metadata_not_removable" 409 Never "No copy without metadata can be made" / "Không thể tạo bản sao không kèm siêu dữ liệu";
    "evidence_altered" 409 Never "The file is no longer what was received" / "Tệp không còn như khi tiếp nhận";
    "evidence_missing" 409 Never "The file is no longer in the store of evidence" / "Tệp không còn trong kho chứng cứ";
    "sealed_unreadable" 409 Never "What is sealed does not open" / "Không mở được dữ liệu niêm phong";
    "restricted" 409 AfterRead "The use of these data is restricted" / "Dữ liệu đang bị hạn chế xử lý";
    "retained_by_law" 409 Never "Kept because the law requires it" / "Phải lưu giữ theo luật";
    "duplicate" 409 AfterRead "Already exists" / "Đã tồn tại";
    "official_entry" 409 Never "An official entry cannot get this verdict" / "Không thể kết luận đối với mục chính thức";
    "same_person" 409 Never "A second person has to do this" / "Phải do người thứ hai thực hiện";
    "precondition_failed" 412 AfterRead "The resource has changed since you read it" / "Dữ liệu đã thay đổi";
    "payload_too_large" 413 Never "Request body too large" / "Nội dung gửi quá lớn";
    "uri_too_long" 414 Never "Request target too long" / "Địa chỉ yêu cầu quá dài";
    "unsupported_media_type" 415 Never "Unsupported media type" / "Kiểu nội dung không được hỗ trợ";
    "validation" 422 Never "Input is not valid" / "Dữ liệu không hợp lệ";
    "idempotency_key_reused" 422 Never "Idempotency key used for another request" / "Khoá chống gửi lặp đã dùng cho yêu cầu khác";
    "precondition_required" 428 AfterRead "If-Match is required" / "Cần tiêu đề If-Match";
    "rate_limited" 429 SameKey "Too many requests" / "Quá nhiều yêu cầu";
    "headers_too_large" 431 Never "Request headers too large" / "Tiêu đề yêu cầu quá lớn";
    "internal" 500 SameKey "Something went wrong on our side" / "Lỗi hệ thống";
    "search_too_slow" 503 Never "The search took too long" / "Tìm kiếm mất quá nhiều thời gian";
    "unavailable" 503 SameKey "Temporarily unavailable" / "Tạm thời không phục vụ được";
}

/// The row of the list for a slug; an unlisted slug is a defect and answers as `internal`.
pub fn problem_type(slug: &str) -> &'static ProblemType {
    static INTERNAL: ProblemType = ProblemType {
        slug: "internal",
        status: 500,
        title: "Something went wrong on our side",
        title_vi: "Lỗi hệ thống",
        retry: Retry::SameKey,
    };
    PROBLEM_TYPES
        .iter()
        .find(|t| t.slug == slug)
        .unwrap_or(&INTERNAL)
}

/// An error answer on its way out. `http/middleware.rs` adds the instance and the request id.
#[derive(Debug)]
pub struct Problem {
    /// The type's slug.
    pub slug: &'static str,
    /// One sentence for the author of the client.
    pub detail: Cow<'static, str>,
    /// What is wrong with the input, for `validation`.
    pub errors: Vec<FieldProblem>,
    /// Seconds after which to try again.
    pub retry_after: Option<u64>,
    /// Headers that belong to this answer, such as `Allow`.
    pub headers: Vec<(header::HeaderName, String)>,
    /// The scope needed, for `insufficient_scope`.
    pub scope: Option<String>,
    /// The `error` code of RFC 6749, at the token endpoints.
    pub error: Option<&'static str>,
    /// The error it was made from, for the log.
    pub source: Option<Error>,
}

impl Problem {
    /// A problem of the given type.
    pub fn new(slug: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            slug,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            headers: Vec::new(),
            scope: None,
            error: None,
            source: None,
        }
    }

    /// 400: cannot even be read.
    pub fn malformed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new("malformed", detail)
    }

    /// 422 with the list of what is wrong.
    pub fn invalid(errors: Vec<FieldProblem>) -> Self {
        let detail = match errors.as_slice() {
            [one] => one.detail.clone().into(),
            many => Cow::Owned(format!("{} fields are not valid.", many.len())),
        };
        Self {
            errors,
            ..Self::new("validation", detail)
        }
    }

    /// 401 in the words of RFC 6750: nothing more when no token was sent, `invalid_token` otherwise.
    pub fn unauthorized(token_sent: bool) -> Self {
        let challenge = if token_sent {
            "Bearer realm=\"tinbao\", error=\"invalid_token\""
        } else {
            "Bearer realm=\"tinbao\""
        };
        Self {
            headers: vec![(header::WWW_AUTHENTICATE, challenge.to_owned())],
            ..Self::new(
                "invalid_token",
                "Send a valid access token as 'Authorization: Bearer …'.",
            )
        }
    }

    /// 403 that names the scopes, any of which would do.
    pub fn insufficient_scope(any_of: &[Scope]) -> Self {
        let names = any_of.iter().map(|s| s.as_str()).collect::<Vec<_>>();
        let scope = names.join(" ");
        Self {
            headers: vec![(
                header::WWW_AUTHENTICATE,
                format!("Bearer realm=\"tinbao\", error=\"insufficient_scope\", scope=\"{scope}\""),
            )],
            scope: Some(scope),
            ..Self::new(
                "insufficient_scope",
                format!("This needs the scope {}.", names.join(" or ")),
            )
        }
    }

    /// 401 that says how to log in for this (RFC 9470).
    pub fn step_up(demanded: &StepUp) -> Self {
        let challenge = demanded.challenge();
        Self {
            headers: vec![(
                header::WWW_AUTHENTICATE,
                format!(
                    "Bearer realm=\"tinbao\", error=\"insufficient_user_authentication\"{challenge}"
                ),
            )],
            ..Self::new("insufficient_user_authentication", demanded.sentence())
        }
    }

    /// 503 with a time to wait.
    pub fn unavailable() -> Self {
        Self {
            retry_after: Some(2),
            ..Self::new("unavailable", "Please send the same request again shortly.")
        }
    }

    /// What belongs in the log, where this is a fault of ours.
    pub fn source_chain(&self) -> Option<String> {
        match self.source.as_ref()? {
            error @ (Error::Internal { .. } | Error::Unavailable { .. }) => {
                Some(error.with_causes())
            }
            _ => None,
        }
    }

    /// The body, once the request it answers is known.
    pub fn body(&self, instance: Option<&str>, request_id: Option<&str>, vi: bool) -> ProblemBody {
        let kind = problem_type(self.slug);
        ProblemBody {
            r#type: format!("/problems/{}", kind.slug),
            title: if vi { kind.title_vi } else { kind.title }.to_owned(),
            status: kind.status,
            detail: self.detail.clone().into_owned(),
            code: kind.slug.to_owned(),
            instance: instance.map(str::to_owned),
            request_id: request_id.map(str::to_owned),
            scope: self.scope.clone(),
            error: self.error.map(str::to_owned),
            errors: self.errors.iter().map(ProblemItem::from).collect(),
        }
    }

    /// The whole answer.
    pub fn respond(
        &self,
        instance: Option<&str>,
        request_id: Option<&str>,
        vi: bool,
    ) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        for (name, value) in &self.headers {
            answer.insert_header((name.clone(), value.as_str()));
        }
        if let Some(seconds) = self.retry_after {
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        let body = serde_json::to_vec(&self.body(instance, request_id, vi))
            .unwrap_or_else(|_| b"{}".to_vec());
        answer.content_type("application/problem+json").body(body)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.slug, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(problem_type(self.slug).status)
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        self.respond(None, None, true)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let mut problem = match &error {
            Error::NotFound { kind } => Self::new(
                "not_found",
                format!("There is no such {kind}, or you may not see it."),
            ),
            // Where the same request is under way, a second later is another moment.
            Error::Conflict { code, detail } => Self {
                retry_after: (*code == "in_progress").then_some(1),
                ..Self::new(code, detail.clone())
            },
            Error::Invalid(errors) => Self::invalid(errors.clone()),
            Error::LacksScope(code) => {
                let scope = Scope::from_code(code);
                Self::insufficient_scope(scope.as_slice())
            }
            Error::Forbidden(why) => Self::new("forbidden", why.clone()),
            Error::Stale => Self::new(
                "precondition_failed",
                "Read the resource again: its ETag is no longer the one in If-Match.",
            ),
            Error::KeyReused => Self::new(
                "idempotency_key_reused",
                "This Idempotency-Key was used for another request; take a new one.",
            ),
            Error::SearchTooSlow => Self {
                retry_after: Some(1),
                ..Self::new(
                    "search_too_slow",
                    "The search took more than 3 seconds and was ended. Narrow it: more or longer words, a desk, or received_from.",
                )
            },
            Error::Unavailable { .. } if error.is_too_slow() => Self {
                detail: "This takes too long right now: ask for less (a shorter period, rarer words), or try again later."
                    .into(),
                ..Self::unavailable()
            },
            Error::Unavailable { .. } => Self::unavailable(),
            Error::Internal { .. } => {
                Self::new("internal", "The fault is logged under the request id.")
            }
        };
        problem.source = Some(error);
        problem
    }
}

/// An error answer (RFC 9457), sent as `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Problem")]
pub struct ProblemBody {
    /// A stable URI reference that names the kind of problem; `GET /problems` lists all.
    #[schema(example = "/problems/validation")]
    pub r#type: String,
    /// A short title in the language asked for.
    #[schema(example = "Input is not valid")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422, minimum = 400, maximum = 599)]
    pub status: u16,
    /// One sentence on this very occurrence, for the author of the client.
    #[schema(example = "limit must be between 1 and 200.")]
    pub detail: String,
    /// The last segment of `type`.
    #[schema(example = "validation")]
    pub code: String,
    /// The path of the request, without its query.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/v1/tips")]
    pub instance: Option<String>,
    /// The id under which the service logged the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "019ab1c2-7d3e-7f00-8a11-1f2e3d4c5b6a")]
    pub request_id: Option<String>,
    /// The scope needed (space-separated where any one would do), for `insufficient_scope`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The error code of RFC 6749, at the token endpoints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What is wrong with the input, for `validation`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<ProblemItem>,
}

/// One thing that is wrong with the input.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemItem {
    /// RFC 6901 JSON pointer into the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/indicators/0/value")]
    pub pointer: Option<String>,
    /// Name of the query parameter or header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "limit")]
    pub parameter: Option<String>,
    /// Stable code.
    #[schema(example = "unknown_field")]
    pub code: String,
    /// One sentence for the author of the client.
    pub detail: String,
}

impl From<&FieldProblem> for ProblemItem {
    fn from(problem: &FieldProblem) -> Self {
        let (pointer, parameter) = match &problem.place {
            Place::Pointer(p) => (Some(p.clone()), None),
            Place::Parameter(p) => (None, Some(p.clone())),
        };
        Self {
            pointer,
            parameter,
            code: problem.code.to_string(),
            detail: problem.detail.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_unique_and_statuses_are_errors() {
        let mut slugs: Vec<_> = PROBLEM_TYPES.iter().map(|t| t.slug).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), PROBLEM_TYPES.len());
        assert!(PROBLEM_TYPES.iter().all(|t| (400..600).contains(&t.status)));
    }

    #[test]
    fn the_inner_cause_never_reaches_the_client() {
        let error = Error::internal("storing a tip", std::io::Error::other("password=hunter2"));
        let problem = Problem::from(error);
        let body = serde_json::to_string(&problem.body(None, None, false)).unwrap();
        assert!(!body.contains("hunter2"));
        assert!(problem.source_chain().unwrap().contains("hunter2"));
    }
}
