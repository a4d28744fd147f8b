//! What the codes of charts are called: a picture is for people.

use crate::domain::lang::Lang;

/// Code, Vietnamese, English.
const NAMES: &[(&str, &str, &str)] = &[
    // Tips by where they stand.
    ("received", "chờ xử lý", "waiting"),
    ("claimed", "đang xem", "being looked at"),
    ("info_requested", "chờ bổ sung", "more asked for"),
    ("accepted", "đã thụ lý", "accepted"),
    ("dismissed", "không thụ lý", "dismissed"),
    ("duplicate", "trùng tin khác", "duplicate"),
    ("transferred", "đã chuyển", "transferred"),
    ("withdrawn", "đã rút", "withdrawn"),
    // Kinds of indicators.
    ("phone", "số điện thoại", "phone number"),
    ("url", "đường dẫn", "link"),
    ("email", "thư điện tử", "e-mail"),
    ("bank_account", "tài khoản ngân hàng", "bank account"),
    ("ewallet", "ví điện tử", "e-wallet"),
    ("social_account", "tài khoản mạng xã hội", "social account"),
    (
        "messaging_account",
        "tài khoản nhắn tin",
        "messaging account",
    ),
    ("crypto_address", "ví tiền mã hóa", "crypto address"),
    ("app", "ứng dụng", "app"),
    ("sms_sender", "tên người gửi SMS", "SMS sender"),
    ("payment_qr", "mã QR thanh toán", "payment QR"),
    // Kinds of referrals.
    ("freeze_funds", "tạm giữ tiền", "freeze of money"),
    ("verify_subscriber", "xác minh thuê bao", "subscriber check"),
    ("block_number", "chặn số", "block of a number"),
    ("takedown", "gỡ nội dung", "takedown"),
    ("border_alert", "báo biên phòng", "border alert"),
    ("publicise", "tuyên truyền", "publication"),
    ("local_followup", "xác minh tại chỗ", "local follow-up"),
    ("transfer_jurisdiction", "chuyển thẩm quyền", "transfer"),
    (
        "notify_procuracy",
        "báo Viện kiểm sát",
        "notice to procuracy",
    ),
    // Limits of the legal process.
    ("classify", "phân loại tin", "classification"),
    ("transfer_out", "chuyển cơ quan khác", "transfer out"),
    ("vks_forward", "VKS chuyển tin", "procuracy passes on"),
    ("commune_urgent", "xã chuyển tin gấp", "commune, urgent"),
    ("commune_normal", "xã chuyển tin", "commune"),
    (
        "notify_vks_reception",
        "báo VKS tiếp nhận",
        "procuracy told of reception",
    ),
    (
        "notify_reporter_reception",
        "báo người tố giác tiếp nhận",
        "reporter told of reception",
    ),
    ("assign", "phân công", "assignment"),
    (
        "vks_assign_prosecutor",
        "VKS phân công",
        "procuracy assigns",
    ),
    ("resolve", "giải quyết (20 ngày)", "decision (20 days)"),
    (
        "resolve_extended",
        "giải quyết (2 tháng)",
        "decision (2 months)",
    ),
    ("vks_extension", "VKS gia hạn", "procuracy's extension"),
    (
        "ask_vks_extension",
        "đề nghị VKS gia hạn",
        "extension asked for",
    ),
    (
        "vks_answers_extension",
        "VKS trả lời gia hạn",
        "procuracy answers",
    ),
    (
        "investigator_report",
        "báo cáo kết quả",
        "investigator's report",
    ),
    (
        "send_decision_vks",
        "gửi quyết định cho VKS",
        "decision sent to procuracy",
    ),
    (
        "send_suspension_reporter",
        "báo người tố giác tạm đình chỉ",
        "reporter told of suspension",
    ),
    (
        "notify_reporter_result",
        "báo người tố giác kết quả",
        "reporter told of result",
    ),
    (
        "resume_limit",
        "giải quyết sau phục hồi",
        "decision after resumption",
    ),
    ("notify_resumption", "báo phục hồi", "resumption told"),
    (
        "admin_transfer",
        "chuyển xử phạt hành chính",
        "file for a fine",
    ),
    (
        "vks_takeover_wait",
        "VKS yêu cầu giải quyết",
        "procuracy's demand",
    ),
    (
        "hand_file_to_vks",
        "chuyển hồ sơ cho VKS",
        "file to procuracy",
    ),
    (
        "border_guard_transfer",
        "biên phòng chuyển vụ",
        "border guard hands over",
    ),
    ("file_closing", "kết thúc hồ sơ", "file closed"),
];

/// The name of a code in a language; itself where there is none.
pub fn name(code: &str, lang: Lang) -> &str {
    let known = NAMES.iter().find(|(known, _, _)| *known == code);
    known.map_or(code, |(_, vi, en)| match lang {
        Lang::Vi => vi,
        Lang::En => en,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::deadline::LegalProcess;
    use crate::domain::indicator::Kind;
    use crate::domain::referral::ReferralKind;
    use crate::domain::status::TipStatus;

    #[test]
    fn every_code_that_a_chart_shows_has_a_name() {
        let kinds = Kind::ALL.map(Kind::as_str);
        let statuses = TipStatus::ALL.map(TipStatus::as_str);
        let referrals = ReferralKind::ALL.map(ReferralKind::as_str);
        let process: LegalProcess =
            serde_json::from_str(include_str!("../reference/data/legal_process.json")).unwrap();
        let limits = process.deadlines.iter().map(|period| period.id.as_str());
        let fixed = kinds.into_iter().chain(statuses).chain(referrals);
        for code in fixed.chain(limits) {
            for lang in [Lang::Vi, Lang::En] {
                assert!(NAMES.iter().any(|(known, _, _)| *known == code), "{code}");
                assert!(!name(code, lang).contains('_'), "{code}");
            }
        }
    }
}
