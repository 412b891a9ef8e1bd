//! What was found instead of what was expected, in words.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::heard::MAX_SEARCH;
use super::shards::all_of;
use super::{Heard, Said, Scene, amount_of, in_words, log, replica, stored, term};
use crate::id::{NodeId, Slot};
use crate::linear;
use crate::protocol::Payload;
use crate::raft::Role;
use crate::sim::invariants::Law;
use crate::sim::node::Node;
use crate::sim::script::tree::{Claim, Condition, Count, Group, Pattern};
use crate::sim::trace::What;

impl Scene<'_> {
    /// What is so instead, of each claim that fails; the claims and what was found.
    pub(in crate::sim::script) fn found(
        &self,
        condition: &Condition,
        heard: &mut Heard,
    ) -> (String, String) {
        let failing = condition
            .claims
            .iter()
            .filter(|(negated, claim)| condition.any || self.is(claim, heard) == *negated);
        let failing: Vec<&(bool, Claim)> = failing.collect();
        let found = failing.iter().map(|(_, claim)| self.instead(claim, heard));
        let found: Vec<String> = found.collect();
        let (any, claims) = (condition.any, failing.into_iter().cloned().collect());
        (Condition { any, claims }.to_string(), found.join("; "))
    }

    fn instead(&self, claim: &Claim, heard: &mut Heard) -> String {
        if let Err(missing) = self.judge(claim, heard) {
            return missing;
        }
        match claim {
            Claim::Leader { of: Some(group), .. } => {
                self.of_servers(&all_of(*group), |node| self.role(node))
            }
            Claim::Shards(claim) => self.shards_instead(claim),
            Claim::Leader { .. } | Claim::Led | Claim::Count { count: Count::Leaders, .. } => {
                self.of_servers(&Group::Servers, |node| self.role(node))
            }
            Claim::Is(group, _) => self.of_servers(group, |node| self.role(node)),
            Claim::Voted(group, _) => self.of_servers(group, |node| self.vote(node)),
            Claim::Count { count: Count::Of(amount, group), .. } => {
                self.of_servers(group, |node| match amount_of(node, *amount) {
                    Some(number) => format!("has {number}"),
                    None => "is down".into(),
                })
            }
            Claim::Count { count, .. } => format!("{count} is {}", self.total(count)),
            Claim::Terms(group, _) => self.of_servers(group, terms),
            Claim::SameLogs(group) => self.of_servers(group, ends),
            Claim::SameStores(group) => self.of_servers(group, |node| match node.server() {
                Some(server) => format!("has applied slots up to {}", server.applied()),
                None => "is down".into(),
            }),
            Claim::Slot { slot, group, .. } => {
                self.of_servers(group, |node| holds(node, Slot(*slot)))
            }
            Claim::Committed { at: None, .. } => {
                let slots = self.chronicle.observers.committed();
                format!("slots up to {slots} are committed")
            }
            Claim::Committed { at: Some(group), .. } => self.of_servers(group, |node| {
                replica(node).map_or_else(
                    || "is down".into(),
                    |replica| format!("knows slots up to {} as committed", replica.commit()),
                )
            }),
            Claim::Stored { key, at, .. } => self.of_servers(at, |node| match stored(node, key) {
                _ if node.is_down() => "is down".into(),
                Some(value) => format!("has \"{value}\""),
                None => "has no such key".into(),
            }),
            Claim::Session { client, at, .. } => {
                let client = self.find(client).unwrap_or_default();
                self.of_servers(at, |node| match self.session(node, client) {
                    _ if node.is_down() => "is down".into(),
                    Some(session) => format!("remembers operation {}", session.last),
                    None => "remembers nothing".into(),
                })
            }
            Claim::Got { client, operation, .. } => {
                self.outcome(self.find(client).unwrap_or_default(), *operation)
            }
            Claim::AnsweredBy { client, .. } => {
                self.outcome(self.find(client).unwrap_or_default(), None)
            }
            Claim::Message { pattern, .. } => self.on_their_way(pattern),
            Claim::Link { cut, .. } => {
                (if *cut { "it lets messages through" } else { "it is cut" }).into()
            }
            Claim::Law { law, .. } => self.broken(*law),
            Claim::History { .. } => self.unexplained(),
            Claim::Why(_, doubt) => self.reason(doubt).map(|it| it.words).unwrap_or_default(),
            Claim::Said { who, .. } => self.last_words(self.find(who).unwrap_or_default()),
        }
    }

    fn broken(&self, law: Option<Law>) -> String {
        let violations = self.chronicle.observers.violations().iter();
        let mut broken = violations.filter(|found| law.is_none_or(|law| found.law == law));
        broken.next().map_or_else(
            || "it holds".into(),
            |found| format!("{} is broken: {}", found.law.id(), found.words),
        )
    }

    fn name(&self, id: NodeId) -> String {
        self.world.scenario().name(id)
    }

    /// One phrase for each of a group: `S1 leads term 2, S2 is down`.
    pub(super) fn of_servers(&self, group: &Group, phrase: impl Fn(&Node) -> String) -> String {
        let ids = self.names.all(self.world, group).unwrap_or_default();
        let nodes = ids.iter().filter_map(|id| self.world.node(*id));
        let phrases: Vec<String> =
            nodes.map(|node| format!("{} {}", self.name(node.id()), phrase(node))).collect();
        if phrases.is_empty() { format!("nobody is among {group}") } else { phrases.join(", ") }
    }

    fn role(&self, node: &Node) -> String {
        let Some(replica) = replica(node) else { return "is down".into() };
        let role = match replica.role() {
            Role::Follower { leader: Some(leader), .. } => {
                format!("follows {}", self.name(*leader))
            }
            Role::Follower { leader: None, .. } => "follows nobody".into(),
            Role::PreCandidate { .. } => "is a pre-candidate".into(),
            Role::Candidate { .. } => "is a candidate".into(),
            Role::Leader(_) => "leads".into(),
        };
        let paused = if node.is_paused() { ", paused" } else { "" };
        format!("{role} in term {}{paused}", replica.hard_state().term)
    }

    fn vote(&self, node: &Node) -> String {
        let vote = node.durable().and_then(|disk| disk.hard.vote);
        let term = term(node).unwrap_or_default();
        match vote {
            Some(candidate) => format!("voted for {} in term {term}", self.name(candidate)),
            None => format!("voted for nobody in term {term}"),
        }
    }

    fn outcome(&self, client: NodeId, operation: Option<u64>) -> String {
        let name = self.name(client);
        let Some(last) = self.last(client) else { return format!("{name} has begun nothing") };
        let command = last.command;
        match (self.reply(client, operation), operation) {
            (Some(reply), Some(_)) => format!("{name} got \"{}\"", in_words(reply)),
            (Some(reply), None) => {
                let by = last.by.map(|by| self.name(by));
                let (by, reply) = (by.unwrap_or_default(), in_words(reply));
                format!("{name} got \"{reply}\" from {by} for \"{command}\"")
            }
            (None, _) => {
                let attempt = last.attempts.map(|number| format!(", attempt {number}"));
                format!("{name} waits for \"{command}\"{}", attempt.unwrap_or_default())
            }
        }
    }

    fn on_their_way(&self, pattern: &Pattern) -> String {
        let found = self.names.messages(self.world, pattern).unwrap_or_default();
        match found.first() {
            Some(packet) => format!("message {} is one", packet.label.id),
            None => {
                let flying = self.world.packets().count();
                format!("none of the {flying} messages on their way is one")
            }
        }
    }

    /// The operation that fits no order of those on its key.
    fn unexplained(&self) -> String {
        let keys = linear::check(&self.chronicle.history, MAX_SEARCH).unwrap_or_default();
        let stuck = keys.iter().find_map(|key| {
            let told = linear::explain(key, MAX_SEARCH).map(|evidence| evidence.stuck);
            key.operations.get(told.or(key.finding.stuck)?)
        });
        let Some(operation) = stuck else { return "an order of the operations explains it".into() };
        let reply = operation.returned.as_ref().map(|(_, reply)| Said::OfKey(reply));
        let reply = in_words(reply);
        format!("no order of the operations explains \"{reply}\" for \"{}\"", operation.command)
    }

    /// The last thing that a server said.
    fn last_words(&self, id: NodeId) -> String {
        let trace = &self.chronicle.trace;
        let mut notes =
            trace.range(trace.first()..trace.end()).filter_map(|line| match line.what {
                What::Note(note) if line.node == id => Some(note),
                _ => None,
            });
        let name = self.name(id);
        match notes.next_back() {
            Some(note) => {
                let words = note.words(&|server| self.name(server));
                format!("{name} last said \"{words}\"")
            }
            None => format!("{name} said nothing"),
        }
    }
}

/// The terms of a log, up to a number that can still be read.
fn terms(node: &Node) -> String {
    const MOST: usize = 64;
    let Some(log) = log(node) else { return "has no log".into() };
    let terms: Vec<String> =
        log.from(Slot(0)).take(MOST).map(|(_, entry)| entry.term.to_string()).collect();
    match (terms.is_empty(), log.base().slot) {
        (true, Slot(0)) => "has no entries".into(),
        (_, Slot(0)) => format!("has terms {}", terms.join(" ")),
        (_, base) => format!("has terms {} after its snapshot of slot {base}", terms.join(" ")),
    }
}

/// Where a log ends.
fn ends(node: &Node) -> String {
    log(node).map_or_else(|| "has no log".into(), |log| format!("ends with {}", log.last()))
}

fn holds(node: &Node, slot: Slot) -> String {
    let Some(log) = log(node) else { return "has no log".into() };
    match log.get(slot) {
        Some(entry) => match &entry.payload {
            Payload::Noop => format!("holds a no-op of term {}", entry.term),
            Payload::Command(command) => format!("holds \"{command}\" of term {}", entry.term),
        },
        None if slot <= log.base().slot => "has compacted it away".into(),
        None => "holds nothing there".into(),
    }
}
