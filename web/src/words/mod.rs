//! All words of the page: what is happening, what can be done, and why not.

pub(crate) mod cluster;
mod message;
mod narration;
pub(crate) mod rules;
pub(crate) mod story;
pub(crate) mod verdict;
pub(crate) mod why;

use std::rc::Rc;

use shardscope_core::id::NodeId;
use shardscope_core::view::{Call, Cell, Client, Health, MarkKind, Role, Server, Stage};

pub(crate) use message::{fate, shape, shape_help};
pub(crate) use narration::narration;

use crate::decimal::decimal;
use crate::host::power_of_ten;

/// The name of the page.
pub(crate) const NAME: &str = "Shardscope";
/// What it is, and what to do.
pub(crate) const TAGLINE: &str =
    "A replicated key/value store, running live in this tab. Break it.";
/// Over the logs.
pub(crate) const LOG: &str = "log";
/// Over the stores.
pub(crate) const STORE: &str = "what it stores";
/// Of an empty store.
pub(crate) const NOTHING: &str = "nothing yet";
/// Of an empty log.
pub(crate) const EMPTY_LOG: &str = "empty";
/// Above the workload form.
pub(crate) const WORKLOAD_HELP: &str =
    "It changes what every client does from this moment on. What is under way goes on.";
/// Above a link.
pub(crate) const SHARE_HELP: &str =
    "Whoever opens this address comes to the same moment of the same run, and goes on from there.";
/// The name of the link's field.
pub(crate) const SHARE_FIELD: &str = "Address of this moment";
/// Copies a link.
pub(crate) const COPY: &str = "Copy it";
/// After a link was copied.
pub(crate) const COPIED: &str = "The address is on the clipboard.";
/// The browser does not copy.
pub(crate) const NOT_COPIED: &str = "This browser copies nothing by itself: select the address.";
/// After a link was opened.
pub(crate) const OPENED: &str = "This is the moment that the address leads to. Play goes on.";
/// The scissors' button.
pub(crate) const SCISSORS: &str = "Cut links by drawing a line";
/// While the scissors are in hand.
pub(crate) const SCISSORS_HELD: &str = "Draw a line across links. Esc lays the scissors down.";
/// A line that cut nothing.
pub(crate) const NOTHING_CROSSED: &str = "The line crossed no link between two servers.";

/// A server of a group that is not looked at.
pub(crate) const ELSEWHERE: NodeId = NodeId(u16::MAX);

/// `S1` for the first server.
pub(crate) fn server_name(id: NodeId) -> String {
    if id == ELSEWHERE {
        return "another group".into();
    }
    format!("S{}", u32::from(id.0) + 1)
}

/// What everybody is called, by the number in the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Names(pub(crate) Rc<Vec<String>>);

impl Names {
    /// The name of a process.
    pub(crate) fn of(&self, id: NodeId) -> String {
        self.0.get(usize::from(id.0)).cloned().unwrap_or_else(|| server_name(id))
    }
}

/// `S1`, `S1 and S2`, `S1, S2 and S3`.
pub(crate) fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// `1 entry`, `2 entries`.
pub(crate) fn count(number: u64, one: &str, more: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {more}") }
}

/// A process by its name on this stage.
pub(crate) fn node(stage: &Stage, id: NodeId) -> String {
    let client = stage.clients.iter().find(|client| client.id == id);
    client.map_or_else(|| server_name(id), |client| client.name.clone())
}

/// A server's role, or why it has none.
pub(crate) fn role(server: &Server) -> &'static str {
    match (server.health, &server.role) {
        (Health::Down, _) => "down",
        (Health::Paused, _) => "paused",
        (_, Role::Leader { .. }) => "leader",
        (_, Role::Candidate { .. }) => "candidate",
        (_, Role::PreCandidate { .. }) => "asking",
        (_, Role::Follower { .. }) => "follower",
    }
}

/// A server's role as a stable word for tests.
pub(crate) fn role_key(server: &Server) -> &'static str {
    match server.role {
        Role::Leader { .. } => "leader",
        Role::Candidate { .. } => "candidate",
        Role::PreCandidate { .. } => "pre-candidate",
        Role::Follower { .. } => "follower",
    }
}

/// A server's health as a stable word.
pub(crate) const fn health(health: Health) -> &'static str {
    match health {
        Health::Up => "up",
        Health::Down => "down",
        Health::Paused => "paused",
    }
}

/// A server's whole name for those who listen.
pub(crate) fn server_label(server: &Server) -> String {
    let up = if server.health == Health::Up { ", up" } else { "" };
    format!(
        "{}, {}, term {}, log {} of {} committed{up}",
        server.name,
        role(server),
        server.term,
        server.commit.0.min(server.log.last.0),
        server.log.last,
    )
}

/// A link's whole name.
pub(crate) fn link_label(a: NodeId, b: NodeId, there: bool, back: bool) -> String {
    let (a, b) = (server_name(a), server_name(b));
    match (there, back) {
        (false, false) => format!("Link between {a} and {b}, whole"),
        (true, true) => format!("Link between {a} and {b}, cut"),
        (true, false) => format!("Link between {a} and {b}, cut from {a} to {b}"),
        (false, true) => format!("Link between {a} and {b}, cut from {b} to {a}"),
    }
}

/// What a client is doing, in words.
pub(crate) fn client_state(call: Option<&Call>, names: &Names) -> String {
    let Some(call) = call else { return "thinking".into() };
    let (server, attempts) = (names.of(call.server), call.attempts);
    match &call.outcome {
        Some(outcome) => format!("answered by {}", names.of(outcome.server)),
        // It has to find out first who has the shard.
        None if attempts == 0 => "asking the controller".into(),
        None if attempts > 1 => format!("trying {server}, attempt {attempts}"),
        None => format!("waiting for {server}"),
    }
}

/// The same where there is little room.
pub(crate) fn client_brief(call: Option<&Call>, names: &Names) -> String {
    match call {
        None => String::new(),
        Some(Call { outcome: Some(_), .. }) => "answered".into(),
        Some(Call { attempts: 0 | 1, server, .. }) => match names.of(*server) {
            short if short.len() < 4 => format!("asks {short}"),
            _ => "asks".into(),
        },
        Some(Call { attempts, .. }) => format!("attempt {attempts}"),
    }
}

/// A client's operation and its answer.
pub(crate) fn client_call(call: Option<&Call>) -> String {
    match call {
        None => String::new(),
        Some(Call { operation, outcome: Some(outcome), .. }) => {
            format!("{operation} → {}", outcome.answer)
        }
        Some(Call { operation, .. }) => operation.clone(),
    }
}

/// A client's whole name for those who listen: what is `shown` on its card, then what is not.
pub(crate) fn client_label(client: &Client, state: &str, shown: &str) -> String {
    let call = client_call(client.call.as_ref());
    let hidden = if call == shown { "" } else { &call };
    let comma = |text: &str| if text.is_empty() { "" } else { ", " };
    let (one, two, three) = (comma(state), comma(shown), comma(hidden));
    format!("{}{one}{state}{two}{shown}{three}{hidden}", client.name)
}

/// A mark of the time axis.
pub(crate) fn mark(kind: MarkKind, who: NodeId, names: &Names) -> String {
    let who = names.of(who);
    match kind {
        MarkKind::Election(term) => format!("{who} stands for election in term {term}"),
        MarkKind::Leader(term) => format!("{who} leads in term {term}"),
        MarkKind::Crash => format!("{who} crashes"),
        MarkKind::Restart => format!("{who} restarts"),
        MarkKind::Pause => format!("{who} is paused"),
        MarkKind::Resume => format!("{who} goes on"),
        MarkKind::Wipe => format!("{who} loses its disk"),
        MarkKind::Cut => "links are cut".into(),
        MarkKind::Heal => "links are mended".into(),
        MarkKind::Snapshot => format!("{who} installs a snapshot"),
        MarkKind::Violation => "a promise is broken".into(),
        MarkKind::Action(kind) => format!("{who}: {}", kind.words()),
        MarkKind::Said(note) => format!("{who} {}", note.words(&|id| names.of(id))),
    }
}

/// A simulated moment for people: `1.284 003 s`.
pub(crate) fn clock(micros: u64) -> String {
    format!("{}.{:03} {:03} s", micros / 1_000_000, micros / 1000 % 1000, micros % 1000)
}

/// A simulated length for people.
pub(crate) fn length(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{} ms", decimal(micros as f64 / 1e3, 1)),
        _ => format!("{} s", decimal(micros as f64 / 1e6, 2)),
    }
}

/// How a clock runs: `30 % fast`.
pub(crate) fn drift(ppm: i32) -> String {
    let way = if ppm > 0 { "fast" } else { "slow" };
    format!("{} % {way}", ppm.unsigned_abs() / 10_000)
}

/// An address that asks for something unknown.
pub(crate) fn bad_address(text: &str) -> String {
    let text = short(text, 24);
    format!(
        "The address ends in \"#{text}\", which means nothing here: write #seed=7, for example."
    )
}

/// A setting in the address that cannot be, and why.
pub(crate) fn bad_setting(part: &str, why: &str) -> String {
    format!("The address asks for {}. {why}", short(part, 24))
}

/// A speed, from hundredths of a power of ten: `1/180`, `1`, `10`.
pub(crate) fn speed(speed: i32) -> String {
    let times = power_of_ten(f64::from(speed) / 100.0);
    if times >= 0.95 {
        return format!("{}×", decimal(times, usize::from(times < 9.5 && times.fract() > 0.05)));
    }
    let slower = 1.0 / times;
    let unit = if slower < 100.0 { 1.0 } else { 10.0 };
    format!("1/{}×", decimal((slower / unit).round() * unit, 0))
}

/// The beginning of `text`, at most `room` letters.
pub(crate) fn short(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

/// `text` in at most `room` letters: what it leaves out is in the middle, for long values differ
/// at their ends.
pub(crate) fn middle(text: &str, room: usize) -> String {
    let letters = text.chars().count();
    if letters <= room {
        return text.to_owned();
    }
    let end = room / 2;
    let head = text.chars().take(room.saturating_sub(1 + end));
    head.chain(['…']).chain(text.chars().skip(letters - end)).collect()
}

/// A log cell, for those who point at it.
pub(crate) fn cell(cell: &Cell) -> String {
    format!(
        "slot {}, term {}: {}{}{}",
        cell.slot,
        cell.term,
        cell.detail,
        if cell.committed { "" } else { " (dashed: not known to be committed here, §5.3)" },
        if cell.repeat { " (struck: repeated, ignored when applied, §8)" } else { "" },
    )
}

/// About the ring around a disc.
pub(crate) const TIMER_HELP: &str =
    "Election timer: when the ring has run out, the server stands for election (§5.2).";
/// About the dots in a candidate's disc.
pub(crate) const VOTES_HELP: &str =
    "A dot for each vote that an election takes, filled for each that it has (§5.2).";

/// The keys, and what they do.
pub(crate) const KEYS: &[(&str, &str)] = &[
    ("Space", "play or pause"),
    (", .", "step back, step"),
    ("← →", "roam the stage; step in the dock"),
    ("Shift ← →", "100 ms back or forth in the dock"),
    ("[ ]", "slower, faster"),
    ("L", "to the end of the branch"),
    ("Enter", "inspect"),
    ("Shift+F10", "a server's menu"),
    ("Esc", "close"),
    ("K", "crash or restart"),
    ("I", "cut off, connect"),
    ("E", "start an election"),
    ("X", "cut or mend the link"),
    ("B", "break a rule"),
    ("P", "partition"),
    ("U", "heal all"),
    ("N", "new operation"),
    ("J", "join, leave, move a shard"),
    ("S", "share this moment"),
    ("M", "messages in flight"),
    ("H", "heartbeats"),
    ("V", "text view"),
    ("T", "stories"),
    ("PgUp PgDn", "a story's beat before, the next"),
    ("1 … 8", "answer a story's question"),
    ("Ctrl+K", "everything that can be done"),
    ("Ctrl+Z  Ctrl+Y", "undo, redo an action"),
];

/// After an action in the past.
pub(crate) fn forked(branch: &str) -> String {
    format!("That was the past, so it forked: this is {branch}. The other future is kept.")
}

/// After undo or redo.
pub(crate) const fn undone(back: bool, done: bool) -> &'static str {
    match (back, done) {
        (true, true) => "Back to before the last action.",
        (true, false) => "There is no action to undo on this branch.",
        (false, true) => "Done again.",
        (false, false) => "There is nothing to redo.",
    }
}

/// Of a cursor before the end of its branch.
pub(crate) fn past(micros: u64) -> String {
    format!(
        "This is the past, {} before the end. Play on, or act: that starts a branch.",
        length(micros)
    )
}

/// Of a run that stands at its very beginning.
pub(crate) const BEGIN: &str = "Time stands still. Press Play and watch who is elected.";

/// Whether a server is down and will find nothing on its disk.
pub(crate) fn emptied(server: &Server) -> bool {
    server.health == Health::Down && server.lost_disk && server.log.last.0 == 0
}

/// Whether nobody has stood for election yet.
pub(crate) fn untouched(stage: &Stage) -> bool {
    stage.servers.iter().all(|server| server.term.0 == 0)
}

/// While time runs backwards.
pub(crate) const REWINDING: &str = "Rewinding…";
/// After a rewind.
pub(crate) const REWOUND: &str = "Time went back to before the cut. Play: it happens again. Act \
    differently: that starts another branch.";
/// A key that acts on a server or a link, while the keyboard is on none.
pub(crate) const NO_SPOT: &str = "That key acts on what the keyboard is on: press Tab until a \
    server or a link has the focus.";

/// Of a branch that cannot go on.
pub(crate) const FULL: &str = "This branch has a million events and ends here: rewind and act, or \
    take a new seed.";

/// About clients.
pub(crate) const CLIENT_HELP: &str = "A client sends one operation at a time. If no answer comes \
    it tries another server under the same serial number, so that nothing is done twice (§8).";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_label_keeps_both_ends() {
        assert_eq!(middle("z+1a2b3kf", 6), "z+…3kf");
        assert_eq!(middle("z+1a2b3kf", 5), "z+…kf");
        assert_eq!(middle("no-op", 5), "no-op");
        assert_eq!(middle("überlang", 4), "ü…ng");
    }
}
