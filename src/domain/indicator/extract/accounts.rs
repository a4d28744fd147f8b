//! Bank accounts and wallets: a number and a name in either order.

use super::super::bank_account::{self, Holder};
use super::super::catalog::Institution;
use super::super::model::Kind;
use super::Search;
use super::account_numbers::{could_be_sum, is_date, number_at};
use super::behind;
use super::beside::{MAX_NAME, belongs_to, is_column, leads_to};
use super::callers::{About, about, is_caller};
use super::labels::Label;
use super::mentions::{self, Mention};
use super::numbers::{State, phone_at};
use super::owners;
use super::tokens::Token;
use super::view::View;
use super::words::{Said, ends_sentence};

/// How far a bank's name may stand from its account, in cells.
const REACH: usize = 90;

/// Most groups of digits that an account is written in.
const MAX_GROUPS: usize = 19;

/// How far before the account on the same line: further back it is who the message claims to be.
const REACH_BEFORE: usize = 40;

/// A number that may be an account.
#[derive(Debug)]
struct Candidate {
    first: usize,
    end: usize,
    number: String,
    labelled: bool,
    /// It is called an account number, and not only an account.
    outright: bool,
}

/// Finds accounts by their labels and by the banks beside them.
pub(super) fn find(search: &mut Search<'_>, tokens: &[Token], state: &mut State) {
    let mentions = mentions::find(search.catalog, &search.view, tokens, state);
    let candidates = candidates(search, tokens, state, &mentions);
    // As many names as numbers: they go in pairs, whichever comes first.
    let paired = mentions.len() == candidates.len();
    for (index, candidate) in candidates.iter().enumerate() {
        if search.full() {
            return;
        }
        let pair = mentions
            .get(index)
            .filter(|mention| paired && in_reach(&search.view, tokens, mention, candidate));
        let mention = pair.or_else(|| nearest(&search.view, tokens, &mentions, &candidates, index));
        if mention.is_none() && !candidate.labelled {
            continue;
        }
        let holder = mention.map_or(Holder::Unnamed, |mention| mention.holder.clone());
        let Ok(mut reading) = bank_account::compose(search.catalog, &holder, &candidate.number)
        else {
            continue;
        };
        if reading.indicator.kind == Kind::Ewallet {
            let number = candidate.first..candidate.end;
            behind::wallet(search.catalog, &search.view, tokens, number, &mut reading);
        }
        let (Some(head), Some(tail)) = (
            tokens.get(candidate.first),
            candidate.end.checked_sub(1).and_then(|at| tokens.get(at)),
        ) else {
            continue;
        };
        let owner = owners::owner(&search.view, tokens, candidate.first, candidate.end);
        state.use_up(candidate.first, candidate.end);
        // The card of whoever tells is a secret, and a card that is mistyped nobody's account.
        let card = bank_account::is_domestic_card(&candidate.number)
            && (owner.is_some() || reading.indicator.value.starts_with("?:"));
        let name = is_user_name(tokens, candidate) && mention.is_none();
        if !card && !name {
            let kind = Kind::BankAccount;
            search.note_of(head.start, tail.end, kind, Ok(reading), owner);
        }
    }
}

/// "tk: hoa1990 mk: …": letters with a few digits, or a password behind it.
fn is_user_name(tokens: &[Token], candidate: &Candidate) -> bool {
    let digits = candidate
        .number
        .bytes()
        .filter(|b| b.is_ascii_digit())
        .count();
    let letters = candidate.number.len() - digits;
    let password = [0, 1].iter().any(|more| {
        tokens.get(candidate.end + more).is_some_and(|token| {
            matches!(
                token.text.as_str(),
                "mk" | "pass" | "matkhau" | "password" | "khau"
            )
        })
    });
    letters > 0 && (digits < 6 && !candidate.outright || password)
}

/// Numbers with an account's label, or with a bank right beside them.
fn candidates(
    search: &Search<'_>,
    tokens: &[Token],
    state: &mut State,
    mentions: &[Mention],
) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut at = 0;
    let mut mention = 0;
    while let Some(token) = tokens.get(at) {
        if token.is_word() {
            at += 1;
            continue;
        }
        while mentions.get(mention).is_some_and(|found| found.end <= at) {
            mention += 1;
        }
        let before = mention.checked_sub(1).and_then(|index| mentions.get(index));
        let after = mentions.get(mention);
        let said = state.labels.before(&search.view, tokens, at);
        let label = said.label;
        let transfer = label == Some(Label::Transfer);
        let labelled = transfer || matches!(label, Some(Label::Account | Label::MaybeAccount));
        let named = before.is_some_and(|name| at.saturating_sub(name.end) <= MAX_NAME)
            || after.is_some_and(|name| name.first.saturating_sub(at) <= MAX_NAME + MAX_GROUPS);
        let Some((end, number)) = (labelled || named)
            .then(|| number_at(&search.view, tokens, state, at))
            .flatten()
        else {
            at += 1;
            continue;
        };
        if bank_account::is_foreign_card(&number) {
            state.use_up(at, end);
            at = end;
            continue;
        }
        let left = before.filter(|name| leads_to(&search.view, tokens, name.end, at));
        // "Zalo 0912…, momo 0987…": behind a comma a wallet begins something new.
        let right = after.filter(|name| {
            belongs_to(&search.view, tokens, end, name.first)
                && !(is_wallet(name) && is_parted(&search.view, tokens, end, name.first))
        });
        // "FT26…" beside a bank is a transaction, not an account.
        let digits_only = number.bytes().all(|b| b.is_ascii_digit());
        let beside = number.len() >= 8
            && digits_only
            && !is_sum(said, &number)
            && !(could_be_sum(&number) && is_moved(tokens, at, end))
            && (left.is_some() || right.is_some());
        let wallet = beside && left.is_some_and(is_wallet);
        let telephone = match label {
            Some(Label::Call) => about(&search.view, tokens, at) != Some(About::Payment),
            // "Momo SĐT 0912…" is the wallet of that number.
            Some(Label::Phone) => !wallet,
            Some(Label::Account) => false,
            Some(Label::MaybeAccount | Label::Transfer) => {
                is_service_number(search, tokens, state, at)
            }
            _ => {
                is_service_number(search, tokens, state, at)
                    || is_phone(search, tokens, state, at, end)
                        && is_caller(&search.view, tokens, at, end)
            }
        };
        // What is transferred may be an amount or go to a telephone's wallet: only what is neither.
        let fits = match transfer && !beside {
            true => number.len() >= 11 && digits_only && !number.ends_with("0000"),
            false => (6..=19).contains(&number.len()),
        };
        let meant = beside || labelled && !is_labelled_sum(said, &number);
        if fits && meant && !telephone && label != Some(Label::Other) {
            found.push(Candidate {
                first: at,
                end,
                number,
                labelled,
                outright: label == Some(Label::Account),
            });
        }
        at = end;
    }
    found
}

fn is_parted(view: &View, tokens: &[Token], end: usize, name: usize) -> bool {
    let (Some(last), Some(first)) = (
        end.checked_sub(1).and_then(|at| tokens.get(at)),
        tokens.get(name),
    ) else {
        return false;
    };
    (last.end..first.start).any(|cell| matches!(view.ch(cell), Some(',' | '\n')))
}

fn is_wallet(mention: &Mention) -> bool {
    matches!(mention.holder, Holder::Known(Institution::Wallet(_)))
}

/// Whether a number beside a bank's name is a sum, a date or a code, when nobody calls it an account.
fn is_sum(said: Said, number: &str) -> bool {
    let unlabelled = !matches!(said.label, Some(Label::Account | Label::MaybeAccount));
    let round = number.ends_with("0000");
    unlabelled && (could_be_sum(number) && (said.sum || round) || is_date(number))
        || is_labelled_sum(said, number)
}

/// "Số tài khoản bị trừ 500000": round, and a sum by the word right before it.
fn is_labelled_sum(said: Said, number: &str) -> bool {
    let outright = said.label == Some(Label::Account);
    said.sum && could_be_sum(number) && (!outright || number.ends_with("000"))
}

/// "Chuyển 15250500 vào MB": what is moved somewhere is a sum.
fn is_moved(tokens: &[Token], first: usize, end: usize) -> bool {
    let word = |at: Option<usize>| {
        at.and_then(|at| tokens.get(at))
            .map_or("", |token| token.text.as_str())
    };
    let verb = matches!(
        word(first.checked_sub(1)),
        "chuyen" | "ck" | "gui" | "nap" | "nop" | "dong" | "rut"
    );
    verb && matches!(
        word(Some(end)),
        "vao" | "sang" | "ve" | "den" | "toi" | "qua" | "tu"
    )
}

/// Whether exactly these tokens can be a telephone number.
fn is_phone(
    search: &Search<'_>,
    tokens: &[Token],
    state: &mut State,
    at: usize,
    end: usize,
) -> bool {
    phone_at(search.catalog, &search.view, tokens, state, at)
        .is_some_and(|phone| phone.end == end && phone.reading.indicator.value.starts_with('+'))
}

/// 1800 and 1900 numbers are printed beside their bank's name.
fn is_service_number(search: &Search<'_>, tokens: &[Token], state: &mut State, at: usize) -> bool {
    phone_at(search.catalog, &search.view, tokens, state, at)
        .is_some_and(|phone| !phone.reading.indicator.value.starts_with('+'))
}

/// Cells between a name and a number.
fn distance(tokens: &[Token], mention: &Mention, candidate: &Candidate) -> usize {
    let cell = |at: usize, end: bool| {
        tokens.get(at).map_or(
            usize::MAX,
            |token| if end { token.end } else { token.start },
        )
    };
    if mention.end <= candidate.first {
        cell(candidate.first, false).saturating_sub(cell(mention.end - 1, true))
    } else {
        cell(mention.first, false).saturating_sub(cell(candidate.end - 1, true))
    }
}

/// Whether a name may belong to a number: near enough, and in the same sentence or form.
fn in_reach(view: &View, tokens: &[Token], mention: &Mention, candidate: &Candidate) -> bool {
    let (left, right) = match mention.end <= candidate.first {
        true => (mention.end, candidate.first),
        false => (candidate.end, mention.first),
    };
    let gaps = || {
        (left..=right).filter_map(|at| {
            // "acc no. 2576…".
            let before = tokens
                .get(at.checked_sub(1)?)
                .filter(|token| token.text != "no")?;
            Some((before.end, tokens.get(at)?.start))
        })
    };
    let cells = distance(tokens, mention, candidate);
    if cells > REACH {
        return false;
    }
    // "STK: 0011…. Ngân hàng: VCB." says of itself what it is.
    let said = cells <= REACH_BEFORE && is_called_bank(tokens, mention.first);
    let column = is_column(view, tokens, left, right);
    let apart = !said && !column && gaps().any(|(from, to)| ends_sentence(view, from, to));
    if apart {
        return false;
    }
    let form = gaps().any(|(from, to)| (from..to).any(|at| view.ch(at) == Some('\n')));
    mention.end > candidate.first || form || cells <= REACH_BEFORE
}

/// "ngân hàng" or "NH" stands before the name, or begins it.
fn is_called_bank(tokens: &[Token], first: usize) -> bool {
    let word = |back: usize| {
        first
            .checked_sub(back)
            .and_then(|at| tokens.get(at))
            .map_or("", |token| token.text.as_str())
    };
    let called = |word: &str| matches!(word, "hang" | "nh" | "bank");
    // "Ngân hàng thụ hưởng: VCB", "ngân hàng nhận: VCB".
    matches!(word(0), "ngan" | "nh" | "nhtmcp" | "bank")
        || called(word(1))
        || word(1) == "huong" && word(2) == "thu" && called(word(3))
        || word(1) == "nhan" && called(word(2))
}

/// The nearest name with no other account between.
fn nearest<'a>(
    view: &View,
    tokens: &[Token],
    mentions: &'a [Mention],
    candidates: &[Candidate],
    index: usize,
) -> Option<&'a Mention> {
    let candidate = candidates.get(index)?;
    let after = mentions.partition_point(|mention| mention.first < candidate.first);
    let previous_end = index
        .checked_sub(1)
        .and_then(|at| candidates.get(at))
        .map_or(0, |other| other.end);
    let next_first = candidates
        .get(index + 1)
        .map_or(usize::MAX, |other| other.first);
    let left = after
        .checked_sub(1)
        .and_then(|at| mentions.get(at))
        .filter(|mention| mention.end > previous_end);
    let right = mentions
        .get(after)
        .filter(|mention| mention.first < next_first);
    [left, right]
        .into_iter()
        .flatten()
        .filter(|mention| in_reach(view, tokens, mention, candidate))
        .map(|mention| (distance(tokens, mention, candidate), mention))
        .min_by_key(|(cells, mention)| {
            // A wallet is meant only right beside the number; a bank also at the end of a form.
            (is_wallet(mention) && *cells > 30, *cells)
        })
        .map(|(_, mention)| mention)
}
