//! SQL of tips.

mod amend;
mod announcements;
mod background;
mod channel;
mod clocks;
mod collapsed;
mod devices;
mod ending;
mod filtered;
mod grouped;
mod insert;
pub mod likeness;
mod list;
pub mod messages;
mod named;
mod open;
mod read;
mod register;
mod rekey;
mod search;
mod unread;
mod victims;
mod visible;

pub use amend::{
    KeptSubmission, count_submissions, edge_keys, find_identities, find_tip, identities_otherwise,
    insert_blind, insert_edges, insert_identity, insert_submission, newest_identities,
    newest_submission, read_from_texts, set_danger, set_told, update_identity, update_tip,
    withdraw_edges,
};
pub use announcements::{
    Looked, due_for_announcement, lock_announced, look_at_limits_again, look_later, set_announced,
};
pub use background::{
    Recomputed, delete_trials, due_for_priority, insert_numbers, open_linked, priority_facts,
    received_at, set_priorities,
};
pub use clocks::{sent_on, states_and_tips};
pub use collapsed::{collapsed_page, flood_counts};
pub use devices::DeviceHistory;
pub use ending::{anonymise, is_anonymised, purge};
pub use filtered::{has_of_desk, has_of_method, has_of_unit};
pub use grouped::{accept_into, keep_first_classification, lock_states, move_to, put_back};
pub use insert::{Stored, insert_tips, stored_ids};
pub use list::{case_ids, fitting, page, states};
pub use open::{add_up_open, open_counts, put_old_together};
pub use read::{
    CLASSIFY_WITHIN, EdgeRow, Rows, SubmissionRow, TipRow, TipState, changes_after, find_state,
    first_submission, has_receipt, in_danger, load_rows, lock_state, readable, submissions,
    update_state, visible_ids,
};
pub use register::{
    Lost, RegisterRow, RevealOfTip, Shown, insert_shown, lost, open_reveals, register_page,
};
pub use rekey::{count_identities_otherwise, count_otherwise_since, newest_wrapped};
pub use search::{Text, end_in_time, insert_documents, lock_stale, texts};
pub use unread::{delete_unread, insert_unread, unread_ids, was_opened};
pub use victims::{have_ground, kept_victims, sealed_naming_victims, set_kept_victims};
