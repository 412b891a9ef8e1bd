//! The house style, as far as a program can judge it: STYLE.md gives the reasons.
//!
//! Each rule is a function from a source to complaints, with tests of its own that show it trip.

mod edges;
mod manifest;
mod size;
mod source;
mod words;

use source::{Complaint, Source};

/// A rule looks at one source and says what is wrong with it.
type Rule = fn(&Source) -> Vec<Complaint>;

const RULES: [Rule; 8] = [
    size::file_length,
    size::function_length,
    size::line_width,
    words::banned_code,
    words::banned_text,
    words::floats,
    words::colours,
    manifest::shared_lints,
];

#[test]
fn the_sources_are_tidy() {
    let sources = source::all();
    assert!(sources.len() > 20, "only {} sources were found", sources.len());
    let mut complaints = Vec::new();
    for source in &sources {
        for rule in RULES.into_iter().chain([edges::of_core as Rule, edges::of_the_page]) {
            complaints.extend(rule(source).iter().map(|complaint| complaint.at(&source.path)));
        }
    }
    let list = complaints.join("\n");
    assert!(complaints.is_empty(), "{} complaint(s):\n{list}\n", complaints.len());
}
