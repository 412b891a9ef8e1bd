//! Why something waits, in words.

use shardscope_core::id::Gid;

/// Over the reasons.
pub(crate) const TITLE: &str = "Why?";
/// Where there is nothing to explain.
pub(crate) const NOTHING: &str = "Nothing waits here.";

/// Leads to a group.
pub(crate) fn open(gid: Gid) -> String {
    match gid.0 {
        0 => "Open the controller".into(),
        _ => format!("Open group {gid}"),
    }
}

/// What it comes to.
pub(crate) const fn state(stuck: bool) -> &'static str {
    if stuck { "Stuck until you act" } else { "Under way" }
}
