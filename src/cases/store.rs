//! SQL of cases.

mod acts;
mod cases;
mod clocks;
mod from_tips;
mod graph;
mod holds;
mod keeping;
mod list;
mod members;
mod notes;
mod timeline;
mod totals;
mod visible;

pub use acts::{ActRow, acts, acts_of, insert_acts, set_members_told, set_members_told_process};
pub use cases::{
    CaseRow, check_open, find_case, insert, lock_case, lock_open_case, opened_between, save,
};
pub use clocks::{
    Told, announced, look_again, look_again_at, look_again_at_case, set_announced, set_due,
    set_score, to_announce,
};
pub use from_tips::{FromTips, from_tips, from_tips_of};
pub use graph::{EdgeRow, edges, named_by, open_edges};
pub use holds::{HoldRow, ask_to_lift, hold, holds, is_held, lift_hold, set_hold};
pub use keeping::{Keep, keeper};
pub use list::{After, Sort, Wanted, page};
pub use members::{MemberRow, came_from, earliest, end_members, insert_members, members};
pub use notes::{NoteRow, insert_note, notes};
pub use timeline::{is_pending, timeline};
pub use totals::{RECOVERED, totals};
pub use visible::visible_ids;
