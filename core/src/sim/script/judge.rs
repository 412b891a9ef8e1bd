//! Whether something is so, looked up in the run: in the world, in the clients' history, in what
//! the observers found, and in the trace.

mod broken;
mod found;
mod heard;
mod shards;

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;

use super::reasons::{self, Reason, Reasons};
use super::resolve::Names;
use super::tree::{
    Amount, Claim, Compare, Condition, Count, Doubt, Got, Group, Holding, State, Who,
};
use crate::controller;
use crate::history;
use crate::id::{ClientId, NodeId, NodeSet, Serial, Slot, Term};
use crate::kv::Reply;
use crate::machine::Session;
use crate::protocol::Payload;
use crate::raft::Role;
use crate::sim::chronicle::Chronicle;
use crate::sim::client::{Call, Order};
use crate::sim::node::Node;
use crate::sim::store::{Log, Replica};
use crate::sim::timeline::Timeline;
use crate::sim::world::{World, client_of};

pub(super) use broken::unexpected;
pub(super) use heard::Heard;
#[cfg(test)]
pub(super) use heard::MAX_SEARCH;

/// A moment of the run, and who has which name in it.
pub(super) struct Scene<'a> {
    pub(super) reasons: Option<Reasons>,
    pub(super) world: &'a World,
    pub(super) chronicle: &'a Chronicle,
    pub(super) names: &'a Names,
}

/// What a claim needs was not there: then it does not hold.
type Held = Result<bool, String>;

impl<'a> Scene<'a> {
    pub(super) fn new(timeline: &'a Timeline, names: &'a Names, reasons: Option<Reasons>) -> Self {
        let (world, chronicle) = (timeline.world(), timeline.chronicle());
        Self { reasons, world, chronicle, names }
    }

    pub(super) fn holds(&self, condition: &Condition, heard: &mut Heard) -> bool {
        let mut claims = condition.claims.iter();
        let mut is = |(negated, claim): &(bool, Claim)| self.is(claim, heard) != *negated;
        if condition.any { claims.any(&mut is) } else { claims.all(&mut is) }
    }

    /// Whether a claim holds; if nobody can be meant, it does not.
    pub(super) fn is(&self, claim: &Claim, heard: &mut Heard) -> bool {
        self.judge(claim, heard).unwrap_or(false)
    }

    pub(super) fn judge(&self, claim: &Claim, heard: &mut Heard) -> Held {
        match claim {
            Claim::Leader { exists, of } => Ok(self.is_led(of.unwrap_or_default()) == *exists),
            Claim::Led => Ok(self.every_group_is_led()),
            Claim::Shards(claim) => self.judge_shards(claim),
            Claim::Is(group, state) => self.each_server(group, |node| self.is_in(node, state)),
            Claim::Voted(group, candidate) => {
                let candidate = candidate.as_ref().map(|who| self.find(who)).transpose()?;
                self.each_server(group, |node| {
                    Ok(node.durable().is_some_and(|disk| disk.hard.vote == candidate))
                })
            }
            Claim::Count { count, compare, number } => self.counts(count, *compare, *number),
            Claim::Terms(group, terms) => self.each_server(group, |node| {
                let own = log(node).into_iter().flat_map(|log| log.from(Slot(0)));
                Ok(own.map(|(_, entry)| entry.term.0).eq(terms.iter().copied()))
            }),
            Claim::SameLogs(group) => self.same_logs(group),
            Claim::SameStores(group) => self.same_stores(group),
            Claim::Slot { slot, group, holding } => {
                self.each_server(group, |node| Ok(stands(node, Slot(*slot), holding)))
            }
            Claim::Committed { slot, at: None } => {
                Ok(self.chronicle.observers.committed() >= *slot)
            }
            Claim::Committed { slot, at: Some(group) } => self.each_server(group, |node| {
                Ok(replica(node).is_some_and(|replica| replica.commit().0 >= *slot))
            }),
            Claim::Stored { key, at, value } => self.each_server(at, |node| {
                Ok(node.server().is_some() && stored(node, key) == value.as_deref())
            }),
            Claim::Session { client, at, last } => {
                let client = self.find(client)?;
                self.each_server(at, |node| {
                    let found = self.session(node, client).map(|session| session.last);
                    Ok(node.server().is_some() && found == last.map(Serial))
                })
            }
            Claim::Got { client, got, operation } => {
                let client = self.find(client)?;
                Ok(self.got(client, got, *operation))
            }
            Claim::AnsweredBy { server, client } => {
                let by = self.last(self.find(client)?).and_then(|last| last.by);
                let asked = Group::Each(Vec::from([server.clone()]));
                let servers = self.names.all(self.world, &asked)?;
                Ok(by.is_some_and(|by| servers.contains(&by)))
            }
            Claim::Message { exists, pattern } => {
                let found = self.names.messages(self.world, pattern)?;
                Ok(found.is_empty() != *exists)
            }
            Claim::Link { from, to, cut } => {
                Ok(self.world.is_cut(self.find(from)?, self.find(to)?) == *cut)
            }
            Claim::Law { law, broken } => {
                let mut violations = self.chronicle.observers.violations().iter();
                let found = violations.any(|violation| law.is_none_or(|law| violation.law == law));
                Ok(found == *broken)
            }
            Claim::History { linearizable } => {
                Ok(heard.is_linearizable(&self.chronicle.history)? == *linearizable)
            }
            Claim::Why(group, doubt) => self.blames(group, doubt),
            Claim::Said { who, text } => {
                let id = self.find(who)?;
                Ok(heard.search(self.chronicle, &|id| self.world.scenario().name(id), id, text))
            }
        }
    }

    /// Whether these, and nobody else, are the cause of something that is not so.
    fn blames(&self, group: &Group, doubt: &Doubt) -> Held {
        let blamed: NodeSet = self.names.all(self.world, group)?.into_iter().collect();
        Ok(self.reason(doubt)?.causes == blamed)
    }

    /// Why something is not so.
    pub(super) fn reason(&self, doubt: &Doubt) -> Result<Reason, String> {
        let question = reasons::question(doubt, self.names, self.world)?;
        let give = self.reasons.ok_or(reasons::NONE)?;
        Ok(give(self.world, self.chronicle, Some(question)))
    }

    fn find(&self, who: &Who) -> Result<NodeId, String> {
        self.names.find(self.world, who)
    }

    /// Whether something holds of each of a group, and there is one.
    fn each_server(&self, group: &Group, is: impl Fn(&Node) -> Held) -> Held {
        let ids = self.names.all(self.world, group)?;
        for id in &ids {
            match self.world.node(*id) {
                Some(node) if is(node)? => {}
                _ => return Ok(false),
            }
        }
        Ok(!ids.is_empty())
    }

    fn leaders(&self) -> u64 {
        let leads = |node: &&Node| replica(node).is_some_and(leads);
        self.world.servers().filter(leads).count() as u64
    }

    fn is_in(&self, node: &Node, state: &State) -> Held {
        let role = replica(node).map(Replica::role);
        Ok(match state {
            State::Leads => matches!(role, Some(Role::Leader(_))),
            State::Follows(None) => matches!(role, Some(Role::Follower { .. })),
            State::Follows(Some(whom)) => {
                let whom = self.find(whom)?;
                matches!(role, Some(Role::Follower { leader, .. }) if *leader == Some(whom))
            }
            State::Candidate => matches!(role, Some(Role::Candidate { .. })),
            State::PreCandidate => matches!(role, Some(Role::PreCandidate { .. })),
            State::Down => node.is_down(),
            State::Up => !node.is_down(),
            State::Paused => node.is_paused(),
            State::LostDisk => node.durable().is_some_and(|disk| disk.lost),
        })
    }

    fn counts(&self, count: &Count, compare: Compare, number: u64) -> Held {
        let is = |found: u64| match compare {
            Compare::Is => found == number,
            Compare::AtLeast => found >= number,
            Compare::AtMost => found <= number,
        };
        match count {
            Count::Of(amount, group) => {
                self.each_server(group, |node| Ok(amount_of(node, *amount).is_some_and(is)))
            }
            _ => Ok(is(self.total(count))),
        }
    }

    /// A number that belongs to no process.
    fn total(&self, count: &Count) -> u64 {
        match count {
            Count::Leaders => self.leaders(),
            Count::Committed => self.chronicle.observers.committed(),
            Count::Configuration => self.latest_configuration(),
            Count::Shards(group) => self.served(*group),
            _ => self.world.packets().filter(|packet| packet.place.is_none()).count() as u64,
        }
    }

    /// Whether logs hold the same from the slot on where all of them begin.
    fn same_logs(&self, group: &Group) -> Held {
        let ids = self.names.all(self.world, group)?;
        let logs: Vec<&Log> =
            ids.iter().filter_map(|id| self.world.node(*id)).filter_map(log).collect();
        let Some((first, others)) = logs.split_first() else { return Ok(false) };
        let begin = logs.iter().map(|log| log.base().slot).max().unwrap_or_default();
        let same = |log: &&Log| {
            log.last() == first.last() && log.from(begin.next()).eq(first.from(begin.next()))
        };
        Ok(logs.len() == ids.len() && others.iter().all(same))
    }

    /// Whether servers have applied equally much, and hold the same.
    fn same_stores(&self, group: &Group) -> Held {
        let ids = self.names.all(self.world, group)?;
        let nodes = ids.iter().filter_map(|id| self.world.node(*id));
        let servers: Vec<_> = nodes.filter_map(Node::server).collect();
        let Some((first, others)) = servers.split_first() else { return Ok(false) };
        let same = others
            .iter()
            .all(|other| other.applied() == first.applied() && other.machine() == first.machine());
        Ok(same && servers.len() == ids.len())
    }

    /// What a server remembers of a client: of several sessions, the latest.
    fn session(&self, node: &Node, client: NodeId) -> Option<&'a Session<Reply>> {
        let node = self.world.node(node.id())?;
        let number = u64::from(client.0) + 1 - u64::from(self.world.scenario().server_count());
        let own = |(id, _): &(&ClientId, _)| client_of(**id) == Some(number);
        let stores = node.server()?.machine().stores();
        let table = stores.flat_map(|store| store.table().iter());
        let latest = table.filter(own).max_by_key(|(id, session)| (**id, session.last));
        latest.map(|(_, session)| session)
    }

    /// A client's open or last operation, on a key or on the configuration.
    fn last(&self, client: NodeId) -> Option<Last<'a>> {
        let client = self.world.node(client)?.client()?;
        let call = client.last().map(Last::of_call);
        call.into_iter().chain(client.order().map(Last::of_order)).max_by_key(|last| last.serial)
    }

    /// The reply to an operation; the inner none: nobody can say what became of it.
    fn reply(&self, client: NodeId, operation: Option<u64>) -> Option<Option<Said<'a>>> {
        let last = self.last(client)?;
        let Some(number) = operation.filter(|number| last.serial != Serial(*number)) else {
            return last.by.map(|_| last.reply);
        };
        let history = &self.chronicle.history;
        history.range(history.first()..history.end()).find_map(|event| match &event.what {
            history::What::Return { reply, .. }
                if event.client == client && event.serial == Serial(number) =>
            {
                Some(reply.as_ref().map(Said::OfKey))
            }
            _ => None,
        })
    }

    fn got(&self, client: NodeId, got: &Got, operation: Option<u64>) -> bool {
        let reply = self.reply(client, operation);
        match got {
            Got::Waits => {
                let begun = self.last(client).map_or(0, |last| last.serial.0);
                begun >= operation.unwrap_or(1) && reply.is_none()
            }
            Got::Answer(words) => reply.is_some_and(|reply| in_words(reply) == *words),
            Got::Read(value) => {
                matches!(reply, Some(Some(Said::OfKey(Reply::Value(found)))) if **found == **value)
            }
        }
    }
}

/// An operation of a client, open or over.
struct Last<'a> {
    serial: Serial,
    command: &'a dyn Display,
    /// How often it was sent, as far as that is counted.
    attempts: Option<u32>,
    /// Who answered, once somebody has.
    by: Option<NodeId>,
    reply: Option<Said<'a>>,
}

/// A reply.
#[derive(Clone, Copy)]
enum Said<'a> {
    /// To an operation on a key.
    OfKey(&'a Reply),
    /// To one on the configuration.
    OfConfiguration(&'a controller::Reply),
}

impl<'a> Last<'a> {
    fn of_call(call: &'a Call) -> Self {
        let returned = call.returned.as_ref();
        Self {
            serial: call.serial,
            command: &call.command,
            attempts: Some(call.attempts),
            by: returned.map(|(_, by, _)| *by),
            reply: returned.and_then(|(.., reply)| reply.as_ref()).map(Said::OfKey),
        }
    }

    fn of_order(order: &'a Order) -> Self {
        let returned = order.returned.as_ref();
        Self {
            serial: order.serial,
            command: &order.command,
            attempts: None,
            by: returned.map(|(_, by, _)| *by),
            reply: returned.and_then(|(.., reply)| reply.as_ref()).map(Said::OfConfiguration),
        }
    }
}

/// A reply as the page shows it.
fn in_words(reply: Option<Said<'_>>) -> String {
    match reply {
        None => "outcome unknown".into(),
        Some(Said::OfKey(reply)) => reply.to_string(),
        Some(Said::OfConfiguration(reply)) => reply.to_string(),
    }
}

fn replica(node: &Node) -> Option<&Replica> {
    node.server().map(|server| server.replica())
}

fn leads(replica: &Replica) -> bool {
    matches!(replica.role(), Role::Leader(_))
}

/// A server's log, as it is on its disk: what a crash leaves.
fn log(node: &Node) -> Option<&Log> {
    node.durable().map(|disk| &disk.log)
}

/// A server's term, as it is on its disk.
fn term(node: &Node) -> Option<Term> {
    node.durable().map(|disk| disk.hard.term)
}

fn amount_of(node: &Node, amount: Amount) -> Option<u64> {
    match amount {
        Amount::Term => term(node).map(|term| term.0),
        Amount::Commit => replica(node).map(|replica| replica.commit().0),
        Amount::Last => log(node).map(|log| log.last().slot.0),
        Amount::Applied => node.server().map(|server| server.applied().0),
        Amount::Snapshot => log(node).map(|log| log.base().slot.0),
        Amount::Configuration => shards::configuration(node).map(|number| number.0),
        Amount::Attempts => {
            node.client().map(|client| client.last().map_or(0, |call| u64::from(call.attempts)))
        }
        Amount::Operations => node.client().map(|client| client.answered()),
    }
}

fn stands(node: &Node, slot: Slot, holding: &Holding) -> bool {
    let Some(log) = log(node) else { return false };
    match (holding, log.get(slot).map(|entry| (entry.term, &entry.payload))) {
        (Holding::Nothing, found) => found.is_none() && slot > log.base().slot,
        (Holding::Noop, Some((_, payload))) => *payload == Payload::Noop,
        (Holding::Term(term), _) => log.term_at(slot) == Some(Term(*term)),
        (Holding::Command(command), Some((_, Payload::Command(held)))) => {
            held.call().is_some_and(|call| call.command == *command)
        }
        _ => false,
    }
}

fn stored<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.server()?.machine().get(key).map(|cell| &*cell.value)
}
