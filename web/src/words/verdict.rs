//! What is known of a run, in words.

use crate::engine::Verdict;

/// The verdict's button, for those who do not see it.
pub(crate) const OPEN: &str = "What the verdict rests on";
/// What the word means.
pub(crate) const MEANING: &str = "Linearizable: one order of all operations explains every answer, \
     and each takes effect at one moment between its call and its answer (Herlihy and Wing 1990). \
     It is judged key by key while the run goes on. A thin line in each operation of the history \
     shows such a moment.";
/// Over the invariants.
pub(crate) const INVARIANTS: &str = "Invariants";
/// Over the longest orders: if what others saw does not need the operation that fits nowhere, and
/// if it does.
pub(crate) const ATTEMPTS: [&str; 2] =
    ["The longest orders that fit, without it", "An order that fits, but for its answer"];
/// While the reason is not known.
pub(crate) const NO_EVIDENCE: &str = "It is certain that no order fits, but the search for a short \
     reason took too long.";

/// The verdict in a few words.
pub(crate) fn chip(broken: Option<&str>, verdict: &Verdict) -> String {
    match (broken, verdict) {
        (Some(name), _) => format!("Broken: {name}"),
        (None, Verdict::Violated { key }) => {
            format!("Not linearizable · key {}", super::short(key, 12))
        }
        (None, Verdict::Behind { events }) => {
            format!("Undecided · {} behind", super::count(*events, "event", "events"))
        }
        (None, Verdict::SoFar) => "Linearizable so far".into(),
    }
}

/// The verdict in a sentence.
pub(crate) fn sentence(verdict: &Verdict, operations: u64) -> String {
    let seen = super::count(operations, "answer", "answers");
    match verdict {
        Verdict::Violated { key } => {
            format!("What the clients saw of key {key} is not linearizable.")
        }
        Verdict::Behind { events } => format!(
            "{} of the history are not judged yet: the search goes on.",
            super::count(*events, "event", "events")
        ),
        Verdict::SoFar if operations == 0 => "Nothing was answered yet.".into(),
        Verdict::SoFar => format!("What the clients saw is linearizable so far: {seen}."),
    }
}

/// The invariants in a sentence.
pub(crate) fn invariants(all: usize, broken: usize, checks: u64) -> String {
    match broken {
        0 => format!("All {all} hold. They were judged {checks} times on this branch."),
        _ => format!("{broken} of {all} {} broken.", if broken == 1 { "is" } else { "are" }),
    }
}

/// What an order leads to.
pub(crate) fn attempt(key: &str, state: &str, reply: &str, needed: bool) -> String {
    let is = if needed { "would have been" } else { "would be" };
    format!("{key} is then {state}, and the answer {is} {reply}")
}

/// What is not drawn.
pub(crate) fn states(states: Option<u64>, earlier: u64) -> String {
    let states = states.map(|states| {
        format!("All orders that fit lead to {}.", super::count(states, "state", "states"))
    });
    let earlier = (earlier > 0).then(|| {
        let earlier = super::count(earlier, "operation", "operations");
        format!("{earlier} on this key came before.")
    });
    [states, earlier].into_iter().flatten().collect::<Vec<_>>().join(" ")
}
