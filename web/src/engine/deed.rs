//! What the user does to the world, as the core's actions.

use shardscope_core::id::{Gid, NodeId};
use shardscope_core::kv::{Command, MAX_WORD};
use shardscope_core::sim::action::{Action, PacketFault};
use shardscope_core::sim::workload::Workload;
use shardscope_core::time::Duration;
use shardscope_core::view::Stage;

use super::change::{Blow, Change};
use super::lens::Lens;
use crate::words::short;

/// What the user does to the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Stops a server; what is not on its disk is gone.
    Crash(NodeId),
    /// Starts it again.
    Restart(NodeId),
    /// Makes it lose its disk.
    Wipe(NodeId),
    /// Makes it stand still.
    Pause(NodeId),
    /// Lets it go on.
    Resume(NodeId),
    /// Makes it stand for election now.
    Campaign(NodeId),
    /// Hands leadership over: from the leader, to another server.
    Transfer(NodeId, NodeId),
    /// Cuts every link between these servers and the other servers.
    CutOff(Vec<NodeId>),
    /// Cuts links, one way each.
    Cut(Vec<(NodeId, NodeId)>),
    /// Mends links, one way each.
    Mend(Vec<(NodeId, NodeId)>),
    /// Replaces all cuts by these.
    Shape(Vec<(NodeId, NodeId)>),
    /// Makes a server's disk so many times slower than usual.
    SlowDisk(NodeId, u32),
    /// Makes a server's clock run so many parts per million fast.
    Drift(NodeId, i32),
    /// Changes what the clients do by themselves.
    Workload(Workload),
    /// Mends everything.
    Heal,
    /// Loses a message in flight.
    Drop(u64),
    /// Makes it slower.
    Delay(u64),
    /// Sends a copy of it.
    Duplicate(u64),
    /// Lets it arrive at once.
    Deliver(u64),
    /// Makes a client call.
    Invoke(NodeId, Call),
    /// Changes the configuration of a sharded store.
    Configure(Change),
    /// Does something to all servers of a group.
    Strike(Gid, Blow),
    /// Does it in this group, whichever is looked at.
    In(Gid, Box<Deed>),
}

/// An operation that a client may be asked to call.
pub(crate) type Call = Command;

/// How much a message is delayed by hand.
const DELAY: Duration = Duration::from_millis(20);

impl Deed {
    /// The actions that it is made of, on this stage under this lens; or why it would do nothing.
    pub(super) fn actions(&self, stage: &Stage, lens: &Lens) -> Result<Vec<Action>, String> {
        let of = |id: &NodeId| lens.outer(*id);
        let packet = |id: u64, fault| vec![Action::Packet { id, fault }];
        Ok(match self {
            Self::Crash(id) => vec![Action::Crash(of(id))],
            Self::Restart(id) => vec![Action::Restart(of(id))],
            Self::Wipe(id) => vec![Action::Wipe(of(id))],
            Self::Pause(id) => vec![Action::Pause(of(id))],
            Self::Resume(id) => vec![Action::Resume(of(id))],
            Self::Campaign(id) => vec![Action::Campaign(of(id))],
            Self::Transfer(from, to) => vec![Action::Transfer { from: of(from), to: of(to) }],
            Self::CutOff(set) => {
                let others = stage.servers.iter().map(|server| server.id);
                let pairs = set.iter().flat_map(|a| others.clone().map(move |b| (*a, b)));
                let across = pairs.filter(|(_, b)| !set.contains(b));
                let links: Vec<Link> = across.flat_map(|(a, b)| [(a, b), (b, a)]).collect();
                cut(links.iter(), |link| !stage.cuts.contains(link), lens)?
            }
            Self::Cut(links) => cut(links.iter(), |link| !stage.cuts.contains(link), lens)?,
            Self::Mend(links) => mend(links.iter().filter(|link| stage.cuts.contains(link)), lens),
            Self::Shape(links) => {
                let old = stage.cuts.iter().filter(|link| !links.contains(link));
                let mut actions = mend(old, lens);
                actions.extend(cut(links.iter(), |link| !stage.cuts.contains(link), lens)?);
                actions
            }
            Self::SlowDisk(server, times) => {
                vec![Action::SlowDisk { server: of(server), times: *times }]
            }
            Self::Drift(node, drift) => {
                vec![Action::SetClock { node: of(node), jump: Duration::ZERO, drift: *drift }]
            }
            Self::Workload(workload) => vec![Action::SetWorkload(*workload)],
            // The engine does these.
            Self::Configure(_) | Self::In(..) | Self::Strike(..) => {
                return Err("There is one group only.".into());
            }
            Self::Heal if stage.cuts.is_empty() => return Err("Every link is whole.".into()),
            Self::Heal => vec![Action::Heal],
            Self::Drop(id) => packet(*id, PacketFault::Drop),
            Self::Delay(id) => packet(*id, PacketFault::Delay(DELAY)),
            Self::Duplicate(id) => packet(*id, PacketFault::Duplicate),
            Self::Deliver(id) => packet(*id, PacketFault::Deliver),
            Self::Invoke(client, command) => {
                vec![Action::Invoke { client: of(client), command: command.clone() }]
            }
        })
    }
}

type Link = (NodeId, NodeId);

fn cut<'a>(
    links: impl Iterator<Item = &'a Link>,
    whole: impl Fn(&Link) -> bool,
    lens: &Lens,
) -> Result<Vec<Action>, String> {
    let actions: Vec<_> = links
        .filter(|link| whole(link))
        .map(|link| lens.link(*link))
        .map(|(from, to)| Action::Cut { from, to })
        .collect();
    if actions.is_empty() { Err("These links are cut already.".into()) } else { Ok(actions) }
}

fn mend<'a>(links: impl Iterator<Item = &'a Link>, lens: &Lens) -> Vec<Action> {
    links.map(|link| lens.link(*link)).map(|(from, to)| Action::Mend { from, to }).collect()
}

/// An operation from the fields of a form, or one sentence about what is wrong. `expect` is the
/// value that a key must have, or the version.
pub(crate) fn call(kind: &str, key: &str, value: &str, expect: &str) -> Result<Call, String> {
    if key.is_empty() {
        return Err("A key needs at least one letter: x will do.".into());
    }
    let expected = if kind == "putat" { "version" } else { "expected value" };
    for (name, text) in [("key", key), ("value", value), (expected, expect)] {
        if text.len() > MAX_WORD {
            return Err(format!(
                "The {name} may have at most {MAX_WORD} bytes, this one has more: shorten it."
            ));
        }
    }
    let version = expect.trim();
    let (key, value, expect) = (key.into(), value.into(), expect.into());
    Ok(match kind {
        "get" => Call::Get { key },
        "put" => Call::Put { key, value },
        "append" => Call::Append { key, value },
        "delete" => Call::Delete { key },
        "cas" => Call::Cas { key, expect, value },
        "putat" => {
            let version = version.parse().map_err(|_| {
                let version = short(version, 24);
                format!("\"{version}\" is no version: write a whole number, 0 for a new key.")
            })?;
            Call::PutAt { key, value, version }
        }
        "puthash" => Call::PutHash { key, value },
        _ => return Err("There is no such operation: choose one from the list.".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_one_off_mends_nothing() {
        let mut engine = crate::engine::Engine::new(crate::engine::Setup::usual(7));
        let cut = |id| Deed::CutOff(vec![NodeId(id)]);
        assert_eq!(engine.act(&cut(0)), Ok(false));
        assert_eq!(engine.stage().cuts.len(), 8);
        assert_eq!(engine.act(&cut(1)), Ok(false));
        assert_eq!(engine.stage().cuts.len(), 14, "one link is common to both");
        assert!(engine.act(&cut(1)).unwrap_err().contains("cut already"));
    }

    #[test]
    fn an_operation_has_a_key_and_nothing_too_long() {
        assert!(call("get", "", "", "").unwrap_err().contains("at least one letter"));
        let long = "x".repeat(MAX_WORD + 1);
        let sentence = call("put", "x", &long, "").unwrap_err();
        assert!(sentence.contains("at most 4096 bytes"), "{sentence}");
        assert!(call("put", "<script>", "\"><img src=x>", "").is_ok(), "text is only text");
    }

    #[test]
    fn a_form_and_a_typed_line_make_the_same_operation() {
        for (kind, expect, line) in [
            ("get", "", "get x"),
            ("put", "", "put x v"),
            ("append", "", "append x v"),
            ("delete", "", "delete x"),
            ("cas", "old", "cas x old v"),
            ("putat", " 3 ", "put-at x 3 v"),
            ("puthash", "", "put-hash x v"),
        ] {
            assert_eq!(call(kind, "x", "v", expect), Ok(line.parse().unwrap()), "{kind}");
        }
    }

    #[test]
    fn a_bad_version_or_kind_gets_one_sentence_and_no_operation() {
        let said = |version: &str| call("putat", "x", "v", version).unwrap_err();
        assert_eq!(said("-1"), "\"-1\" is no version: write a whole number, 0 for a new key.");
        for bad in ["", "1.5", "two", "18446744073709551616", &"9".repeat(4_000)] {
            let sentence = said(bad);
            assert!(sentence.contains("is no version") && sentence.ends_with('.'), "{sentence}");
            assert!(sentence.len() < 120, "{sentence}");
        }
        let long = call("putat", "x", "v", &"9".repeat(5_000)).unwrap_err();
        assert!(long.starts_with("The version may have at most 4096 bytes"), "{long}");
        let sentence = call("swap", "x", "v", "").unwrap_err();
        assert_eq!(sentence, "There is no such operation: choose one from the list.");
    }
}
