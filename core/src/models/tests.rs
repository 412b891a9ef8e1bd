//! The checkers against small histories with known verdicts, against plain search, and on runs.

mod plain;
mod random;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::*;
use crate::history::{Record, format as forms};
use crate::sim::swarm;

pub(super) const PLENTY: u64 = 2_000_000;

/// A history in short: `0 put x 1` and the like, one call after the other; `0> put x 1` is a call
/// that never returns. A read ends with `= VALUE`.
pub(super) fn record(lines: &str) -> Record {
    let mut text = String::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (call, seen) = line.split_once(" = ").unwrap_or((line, ""));
        let words: Vec<&str> = call.split(' ').collect();
        let process = words[0].trim_end_matches('>');
        let value = match words[1] {
            "cas" => format!(", :value [\"{}\" \"{}\"]", words[3].replace('_', ""), words[4]),
            "get" | "delete" => String::new(),
            _ => format!(", :value \"{}\"", words[3].replace('_', "")),
        };
        let (verb, key) = (words[1], words[2]);
        let head = format!("{{:process {process}, :f :{verb}, :key \"{key}\"");
        text += &format!("{head}, :type :invoke{value}}}\n");
        if !words[0].ends_with('>') {
            let value = if verb == "get" { format!(", :value \"{seen}\"") } else { value };
            text += &format!("{head}, :type :ok{value}}}\n");
        }
    }
    forms::read(text.as_bytes(), None).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The verdicts in the order of [`Model::ALL`], a letter each.
#[track_caller]
fn verdicts(lines: &str, expected: &str) {
    let record = record(lines);
    let mut judge = Judge::new(&record, PLENTY);
    let findings = Model::ALL.map(|model| judge.finding(model));
    let letter = |finding: &Finding| match finding.verdict {
        Verdict::Holds => '+',
        Verdict::Violated => '-',
        Verdict::Untold => '?',
        Verdict::Undecided => '…',
    };
    let found: String = findings.iter().map(letter).collect();
    assert_eq!(found, expected, "{findings:#?}");
}

#[test]
fn a_stale_read_is_sequential_and_not_linearizable() {
    verdicts("0 put x 1 \n 1 get x = ", "-+++++");
    verdicts("0 put x 1 \n 0 put x 2 \n 1 get x = 1 \n 1 get x = 2", "-+++++");
}

#[test]
fn a_lost_update_of_ones_own_breaks_read_your_writes() {
    verdicts("0 put x 1 \n 0 get x = ", "---+++");
    verdicts("1 put x 1 \n 0 put x 2 \n 0 get x = 1", "-+++++");
}

#[test]
fn a_read_that_goes_back_breaks_monotonic_reads() {
    verdicts("0 put x 1 \n 1 get x = 1 \n 1 get x = ", "--+-++");
    verdicts("0 put x 1 \n 2 put x 2 \n 1 get x = 2 \n 1 get x = 1 \n 1 get x = 2", "--+-++");
}

#[test]
fn appends_in_the_other_order_break_monotonic_writes() {
    verdicts("0 append x a \n 0 append x b \n 1 get x = ba", "--++-+");
    // The second without the first.
    verdicts("0 append x a \n 0 append x b \n 1 get x = b", "--++-+");
    verdicts("0 append x a \n 0 append x b \n 1 get x = ab", "++++++");
}

#[test]
fn an_answer_that_is_seen_without_the_question_breaks_writes_follow_reads() {
    let story = "0 append x q \n 1 get x = q \n 1 append x a \n 2 get x = a";
    verdicts(story, "--+++-");
    // Whatever was read in between.
    let between = "0 append x q \n 1 get x = q \n 1 get y = \n 1 append x a \n 2 get x = a";
    verdicts(between, "--+++-");
    let round = "0 put x 1 \n 1 get x = 1 \n 1 put x 2 \n 2 get x = 2";
    verdicts(round, "++++++");
    // Over another key: the answer's session had read the question.
    let over = "0 append x q \n 1 get x = q \n 1 put y 1 \n 2 get y = 1 \n 2 append x a \n \
                3 get x = a";
    verdicts(over, "--+++-");
}

#[test]
fn two_sessions_that_see_two_writes_in_two_orders_agree_on_no_order() {
    let story =
        "0 put x 1 \n 1 put x 2 \n 2 get x = 1 \n 3 get x = 2 \n 2 get x = 2 \n 3 get x = 1";
    verdicts(story, "--+-++");
}

#[test]
fn sequential_consistency_is_not_local() {
    // Each key alone has an order; both together have none (Herlihy and Wing 1990, §3.3).
    let story = "0 append x 1 \n 1 append y 1 \n 0 append y 2 \n 1 append x 2 \n \
                 0 get x = 21 \n 1 get y = 21";
    let record = record(story);
    let finding = judge(&record, Model::Sequential, PLENTY);
    assert_eq!(finding.verdict, Verdict::Violated);
    assert!(finding.words.contains("together"), "{}", finding.words);
}

#[test]
fn what_several_writes_may_have_made_is_not_told() {
    // If 1 was of the first writer again, it went back. One order explains that it was not.
    let story = "0 put x 1 \n 1 put x 2 \n 2 put x 1 \n 3 get x = 1 \n 3 get x = 2 \n 3 get x = 1";
    verdicts(story, "-+++++");
    // Where something else is wrong as well, no order explains all, and nobody knows.
    verdicts(&format!("{story} \n 4 put y 1 \n 4 get y = "), "---?++");
    // Whichever of them it was, the session's own write is missing.
    verdicts("0 append x a \n 1 append x a \n 2 append x b \n 2 get x = a", "---+++");
    // What nobody wrote, nothing explains.
    verdicts("0 put x 1 \n 1 get x = 2", "------");
}

#[test]
fn what_a_conditional_write_found_is_a_read() {
    verdicts("0 put x 1 \n 0 cas x 1 2 \n 1 get x = 2", "++++++");
    verdicts("0 put x 1 \n 0 cas x _ 2", "---+++");
    verdicts("0 put x 1 \n 1 cas x 1 2 \n 1 get x = 1", "---+++");
}

#[test]
fn a_call_that_never_returned_binds_nothing_and_may_be_seen() {
    verdicts("0> put x 1 \n 1 get x = ", "++++++");
    verdicts("0> put x 1 \n 1 get x = 1", "++++++");
    verdicts("0> put x 1 \n 1 get x = 1 \n 1 get x = ", "--+-++");
}

/// What was seen before a position: a later end is not known yet.
fn cut(record: &mut Record, position: u64) {
    record.calls.retain(|call| call.called.position < position);
    for call in &mut record.calls {
        call.returned.take_if(|(spot, _)| spot.position >= position);
    }
}

#[test]
fn runs_of_the_swarm_satisfy_every_model() {
    for seed in 0..4 {
        let (_, _, chronicle) = swarm::run_kept(seed);
        let mut record = Record::of(&chronicle.history);
        cut(&mut record, 600);
        let mut judge = Judge::new(&record, 50_000_000);
        for model in Model::ALL {
            let finding = judge.finding(model);
            assert_eq!(finding.verdict, Verdict::Holds, "seed {seed}, {model}: {}", finding.words);
        }
    }
}
