//! Why something waits, in words.

/// Over the reasons.
pub(crate) const TITLE: &str = "Why?";
/// Where there is nothing to explain.
pub(crate) const NOTHING: &str = "Nothing waits here.";

/// What it comes to.
pub(crate) const fn state(stuck: bool) -> &'static str {
    if stuck { "Stuck until you act" } else { "Under way" }
}
