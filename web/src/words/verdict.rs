//! What is known of a run, in words.

use shardscope_judge::findings::{Findings, Model, Verdict as Ruling};

use crate::engine::Verdict;

/// The verdict's button, for those who do not see it.
pub(crate) const OPEN: &str = "What the verdict rests on";
/// What the word means.
pub(crate) const MEANING: &str = "Linearizable: one order of all operations explains every answer, \
     and each takes effect at one moment between its call and its answer (Herlihy and Wing 1990). \
     It is judged key by key while the run goes on. A thin line in each operation of the history \
     shows such a moment.";
/// Over the consistency models.
pub(crate) const MODELS: &str = "Consistency models, the strongest first";
/// Leads to the judgement of a file.
pub(crate) const OPEN_FILE: &str = "Judge a history file…";
/// What a history file is.
pub(crate) const HISTORY: &str = "A file with what the clients of any key/value store saw: calls \
     and answers, one a line. JSON lines, EDN maps as Jepsen writes them, and Jepsen's log are \
     read. The file stays in this browser.";
/// Opens such a file.
pub(crate) const OPEN_HISTORY: &str = "Open a history file, or drop one on the page";
/// Such a file cannot be read.
pub(crate) const UNREADABLE: &str = "The file cannot be read: see whether it is still there.";
/// Over the picture of a history.
pub(crate) const PICTURE: &str = "Calls and answers, in the order of events";
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
        (_, Verdict::Violated { key }) => {
            format!("Not linearizable · key {}", super::short(key, 12))
        }
        (Some(name), _) => format!("Broken: {name}"),
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

/// What has just been broken, in a sentence.
pub(crate) fn broke(broken: Option<&str>, verdict: &Verdict, operations: u64) -> String {
    match (verdict, broken) {
        (Verdict::SoFar | Verdict::Behind { .. }, Some(name)) => {
            format!("A promise is broken: {}.", crate::host::lower_case(name))
        }
        _ => sentence(verdict, operations),
    }
}

/// After such a sentence.
pub(crate) const STOPS: &str =
    "Time stands still at the event that did it. The verdict says why; play, and it goes on.";

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

/// A consistency model's name: `Read your writes`.
pub(crate) fn model(name: &str) -> String {
    let mut words = name.replace('-', " ");
    // Not with all capital letters of the world: their table weighs thousands of bytes.
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// The verdict on a history under a model.
pub(crate) fn ruling(model: &Model) -> String {
    match model.verdict {
        Ruling::Holds => format!("holds. {}", model.words),
        Ruling::Violated => format!("does not hold. {}", model.words),
        Ruling::Untold => format!("may hold or not. {}", model.words),
        Ruling::Undecided => "is undecided: the search took too long for a page.".into(),
    }
}

/// What was judged of a run.
pub(crate) fn until(clock: &str, found: &Findings) -> String {
    let calls = super::count(found.calls.into(), "call", "calls");
    format!("Judged when this was opened: {calls} up to {clock}.")
}

/// What was found out about a file, in a sentence or two.
pub(crate) fn file(name: &str, found: &Findings) -> String {
    let holds = |ruling| found.models.first().is_some_and(|model| model.verdict == ruling);
    let verdict = match () {
        () if holds(Ruling::Holds) => "is linearizable",
        () if holds(Ruling::Violated) => "is not linearizable",
        () => "could not be judged in time",
    };
    let count = |number: u32, one, more| super::count(number.into(), one, more);
    let calls = count(found.calls, "call", "calls");
    let processes = count(found.processes, "process", "processes");
    let keys = count(found.keys, "key", "keys");
    let open = match found.open {
        0 => String::new(),
        1 => " Of one call nobody can say what became of it.".into(),
        open => format!(" Of {open} nobody can say what became of them."),
    };
    format!("{} {verdict}: {calls} by {processes} on {keys}.{open}", super::short(name, 40))
}

/// What is drawn of a history.
pub(crate) fn shown(shown: usize, calls: u32, odd: bool) -> String {
    let all = match shown < calls as usize {
        true => format!("The first {shown} of {calls} calls."),
        false => format!("All {calls} calls."),
    };
    let odd = if odd { " What contradicts each other is marked." } else { "" };
    format!("{all} A thin line shows where a call may have taken effect.{odd}")
}

/// A client of this run.
pub(crate) fn client(number: u64) -> String {
    format!("Client {number}")
}

/// A process of a history file.
pub(crate) fn process(process: u64) -> String {
    format!("process {process}")
}
