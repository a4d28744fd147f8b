//! What an officer should know of money that moved within the window and for which no freeze is proposed: what stands
//! in the way, so that somebody telephones; of money that is about to move, so that somebody stops it; and of reporters
//! whom no notice reaches.

use chrono::Duration;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::{EdgeRow, TipRow, TipState};
use super::view::Context;
use crate::domain::priority::{sent_at, told};
use crate::domain::transfers::{self, Edge, Transfer};

/// So long after it was told that it is about to move, money may still be stopped.
const STILL_STOPPED: Duration = Duration::hours(24);

/// Why no freeze is proposed, what can still be stopped, or that no notice reaches the reporter.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskHint {
    /// `danger_denied`: by the receipt it was told that nobody is in danger any more; the alarm stands until an officer
    /// who holds the tip ends it (`PUT /v1/tips/{id}/danger`).
    /// `money_about_to_move`: the words say that money is about to be sent, and none was lost so far as is stated.
    /// `freeze_no_account`: money moved, and nothing says to which of the accounts, or to any.
    /// `freeze_bank_unknown`: the bank of the account is not known.
    /// `freeze_no_agency`: its bank or wallet takes no requests here.
    /// `no_channel`: the reporter is owed a notice, gave neither phone nor e-mail nor address, and nobody has ever come by
    /// the receipt, or can come any more.
    #[schema(example = "freeze_no_agency")]
    pub code: &'static str,
    /// The account.
    #[schema(required)]
    pub indicator_id: Option<Uuid>,
    /// The same as a sentence.
    pub text: String,
}

/// The hints of a tip.
pub fn of(
    state: &TipState,
    tip: &TipRow,
    rows: &[EdgeRow],
    without_channel: bool,
    context: &Context<'_>,
) -> Vec<DeskHint> {
    let edges: Vec<Edge> = rows.iter().filter_map(edge).collect();
    let (reference, lang) = (context.reference, context.lang);
    let told_at = told::told_at(&tip.details, state.received_at);
    let since = told_at - Duration::hours(reference.referrals.freeze_funds.window_hours);
    let is_recent = |at| {
        let at = sent_at(at, tip.occurred_at, told_at, &reference.priority);
        at.is_some_and(|at| at >= since)
    };
    let mut hints: Vec<DeskHint> = Vec::new();
    let mut hint = |code, indicator_id: Option<Uuid>, text: String| {
        if !hints.iter().any(|hint| hint.indicator_id == indicator_id) {
            hints.push(DeskHint {
                code,
                indicator_id,
                text,
            });
        }
    };
    let stated = told::losses(&tip.details);
    if told::signs(&tip.details).about_to_pay
        && stated.is_empty()
        && context.now - told_at < STILL_STOPPED
    {
        let text = lang.pick(
            "Người báo tin cho biết tiền sắp được chuyển: hãy gọi ngay để ngăn lại.",
            "The reporter says that money is about to be sent: call at once to stop it.",
        );
        hint("money_about_to_move", None, text.to_owned());
    }
    let lost = stated.into_iter();
    let lost = lost.filter(|loss| loss.amount_vnd > 0 && is_recent(loss.transferred_at));
    if lost.count() > 0 && transfers::unattributed(&tip.details, &edges) > 0 {
        let text = lang.pick(
            "Tiền vừa bị chuyển nhưng chưa rõ vào tài khoản nào, nên không có đề xuất tạm giữ: hãy hỏi người báo \
             tin.",
            "Money has just moved, but to which account is not known, so no freeze is proposed: ask the reporter.",
        );
        hint("freeze_no_account", None, text.to_owned());
    }
    let all = transfers::transfers(&tip.details, &edges);
    let recent = |one: &Transfer| one.amount_vnd.is_some() && is_recent(one.at);
    for transfer in all.into_iter().filter(recent) {
        let account = rows.iter().find_map(|row| {
            let (id, value, display, _) = row.indicator.as_ref()?;
            (id.as_bytes().as_slice() == transfer.key).then_some((*id, &row.kind, value, display))
        });
        let Some((id, kind, value, display)) = account else {
            continue;
        };
        if reference.freeze_agency(kind, value).is_some() {
            continue;
        }
        if value.starts_with("?:") {
            let text = lang.pick(
                format!("Chưa rõ {display} ở ngân hàng nào, nên không có đề xuất tạm giữ."),
                format!("Which bank holds {display} is not known, so no freeze is proposed."),
            );
            hint("freeze_bank_unknown", Some(id), text);
        } else {
            let text = lang.pick(
                format!(
                    "Nơi giữ {display} không nhận yêu cầu qua hệ thống, nên không có đề xuất tạm giữ: hãy liên hệ \
                     trực tiếp."
                ),
                format!(
                    "Who holds {display} takes no requests here, so no freeze is proposed: reach them directly."
                ),
            );
            hint("freeze_no_agency", Some(id), text);
        }
    }
    if tip.details.get(told::DANGER_DENIED_AT).is_some() {
        let text = lang.pick(
            "Người giữ mã tra cứu vừa báo không còn nguy hiểm; có thể người khác đang cầm máy. Hãy xác minh bằng cách \
             khác trước khi kết thúc báo động.",
            "Whoever holds the receipt says that nobody is in danger any more; somebody else may hold the phone. Verify \
             in another way before you end the alarm.",
        );
        let hint = DeskHint {
            code: "danger_denied",
            indicator_id: None,
            text: text.to_owned(),
        };
        hints.insert(0, hint);
    }
    if without_channel {
        let text = lang.pick(
            "Người báo tin có xưng tên nhưng không để lại số điện thoại, thư điện tử hay địa chỉ, và mã tra cứu chưa được \
             dùng lần nào hoặc không còn dùng được: thông báo theo luật chưa có đường nào đến họ.",
            "The reporter gave a name, but no phone, e-mail or address, and the receipt was never used or opens nothing any \
             more: the notice that the law owes reaches them in no way.",
        );
        hints.push(DeskHint {
            code: "no_channel",
            indicator_id: None,
            text: text.to_owned(),
        });
    }
    hints
}

/// An indicator as the rules of transfers take it; its id stands for its key.
fn edge(row: &EdgeRow) -> Option<Edge> {
    let (id, ..) = row.indicator.as_ref()?;
    let says = |name: &str| row.attributes.get(name);
    Some(Edge {
        ordinal: row.ordinal,
        kind: row.kind.clone(),
        key: id.as_bytes().to_vec(),
        role: row.role.clone(),
        onward: says("onward_vnd").is_some(),
    })
}
