//! Texts that are no scripts, and links that lead to no run: what is said of them, and that
//! nothing worse happens.

mod fuzz;
mod histories;
mod hostile;
mod links;

use std::path::Path;
use std::{env, fs};

use shardscope_core::sim::script::{Error, Script};

/// What stands above lines that are given without a beginning.
const HEAD: &str = "shardscope script 1\ncluster\n  servers 3\n  clients 2\nstory\n";

/// `tests/scripts/mistakes.txt`: lines behind `|` are a whole text, lines behind `>` stand in a
/// story from line 6 on, and what is said of them follows behind `!`. `UPDATE=1` writes that anew.
#[test]
fn every_mistake_is_told_in_one_sentence_with_its_place() {
    let cases = kept_sentences("scripts/mistakes.txt", |body, inside| {
        let indented = || format!("{HEAD}  {}", body.replace('\n', "\n  "));
        let text = if inside { indented() } else { body.to_owned() };
        let error = Script::parse(&text).expect_err(&text);
        assert!(is_clear(&error.to_string()), "{error}");
        error.to_string()
    });
    assert!(cases >= 80, "only {cases} mistakes");
}

/// Holds a file of mistakes against what is said of them now; says how many there are. A mistake is
/// lines behind `|` or `>`: the text, and whether any is behind `>`.
pub(crate) fn kept_sentences(file: &str, mut say: impl FnMut(&str, bool) -> String) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let kept = fs::read_to_string(&path).expect("the mistakes are text");
    let mut now = String::new();
    let mut cases = 0;
    for case in kept.split("\n\n").filter(|case| !case.trim().is_empty()) {
        let given: Vec<&str> = case.lines().filter(|line| line.starts_with(['|', '>'])).collect();
        let line = |line: &&str| line[1..].strip_prefix(' ').unwrap_or(&line[1..]).to_owned();
        let text = given.iter().map(line).collect::<Vec<_>>().join("\n");
        let said = say(&text, given.iter().any(|line| line.starts_with('>')));
        now += &format!("{}\n! {said}\n\n", given.join("\n"));
        cases += 1;
    }
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, now.trim_end().to_owned() + "\n").expect("they can be written");
        return cases;
    }
    for (kept, now) in kept.lines().zip(now.lines()) {
        assert_eq!(kept, now, "UPDATE=1 keeps the new one");
    }
    assert_eq!(kept.trim_end(), now.trim_end());
    cases
}

/// One line, that ends like a sentence and can be read in one go.
pub(crate) fn is_clear(said: &str) -> bool {
    let short = said.chars().count() <= 400;
    short && said.ends_with(['.', '?']) && !said.contains(|c: char| c.is_control())
}

/// The place is inside the text, and the sentence can be shown.
fn assert_clear(text: &str, error: &Error) {
    assert!(is_clear(&error.to_string()), "{error}\n{text}");
    let line = (error.line as usize).checked_sub(1).and_then(|before| text.split('\n').nth(before));
    let line = line.unwrap_or_else(|| panic!("there is no such line: {error}\n{text}"));
    let ends = line.chars().count() as u32 + 1;
    assert!((1..=ends).contains(&error.column), "no such column: {error}\n{text}");
}

/// Too much of anything, and nested beyond reason: `many` times the same.
#[test]
fn what_is_too_long_too_many_or_too_deep_is_refused_in_one_sentence() {
    let story = |body: String| format!("{HEAD}{body}");
    let many = |what: &str| what.repeat(100_000);
    let lines = |what: &str| format!("  {what}\n").repeat(70);
    let choices = ["  ask \"x\"\n", &lines("choice \"a\" if S1 leads")].concat();
    let name = |n: u8| format!("  let N{n} be S1\n");
    let cases = [
        ("text", "#".repeat(Script::MAX_BYTES + 1), "at most 2097152 bytes, not 2097153"),
        ("lines", story("\n".repeat(Script::MAX_LINES)), "40000 lines"),
        ("line", story("x".repeat(Script::MAX_LINE + 1)), "not 10001"),
        ("sentence", story(format!("say \"{}\"", "x".repeat(601))), "601: make two of it"),
        ("word", story(format!("{} x", "x".repeat(9_000))), "begins no line"),
        ("number", story(format!("after {} s", "9".repeat(9_000))), "does not fit here"),
        ("name", story(format!("crash {}", "X".repeat(9_000))), "is nobody"),
        ("choices", story(choices), "at most 8 choices"),
        ("names", story((0..70).map(name).collect()), "64 names"),
        ("claims", story(format!("expect S1 leads{}", " and S1 leads".repeat(30))), "16 claims"),
        ("questions", story(lines("ask \"x\"")), "two choices"),
        ("stories", format!("{HEAD}  heal\n{}", "story\n".repeat(4_000)), "begins no line"),
        ("clusters", format!("shardscope script 1\n{}", "cluster\n".repeat(4_000)), "cluster"),
        ("not", story(format!("expect {}", "not ".repeat(2_000))), "\"not\""),
        ("quotes", story(format!("say {}", "\"".repeat(9_001))), "says nothing"),
        ("braces", many("{"), "bytes"),
        ("brackets", story(format!("expect {}", "(".repeat(9_000))), "(((("),
        ("indents", story(format!("{}crahs S1", " ".repeat(9_000))), "did you mean crash?"),
    ];
    let mut other = Vec::new();
    for (what, text, said) in cases {
        let error = Script::parse(&text).expect_err(what);
        assert_clear(&text, &error);
        if !error.to_string().contains(said) {
            other.push(format!("{what}: {error}"));
        }
    }
    assert!(other.is_empty(), "{}", other.join("\n"));
}

/// Each script, cut off after any byte.
#[test]
fn a_truncated_script_is_refused_at_its_end_or_is_one() {
    let mut refused = 0;
    for text in hostile::corpus().iter().filter(|text| text.starts_with("shardscope")) {
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        for end in ends {
            let Err(error) = Script::parse(&text[..end]) else { continue };
            assert_clear(&text[..end], &error);
            refused += 1;
        }
    }
    assert!(refused > 1_000, "{refused}");
}
