//! Why a client's request was refused, or has no answer.

use alloc::format;
use alloc::string::{String, ToString};

use super::handover::uncommitted;
use super::reach::{Hindered, Hindrance, words as hindered_words};
use super::words::{group as group_words, moment};
use super::{Denial, Denied, Moment, Question, Rule, Status};
use crate::id::{Gid, NodeId, NodeSet, Serial, ShardId, Slot};
use crate::kv;
use crate::machine;
use crate::protocol::Refused;
use crate::raft::Role;
use crate::server::{Refusal, Wire};
use crate::shardkv::{self, shard_of};
use crate::sim::client::Client;
use crate::sim::node::Node;
use crate::sim::packet::Shape;
use crate::sim::scenario::Scenario;
use crate::sim::service;
use crate::sim::store::StoreAct;

/// Why a client's request has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The client's process.
    pub client: NodeId,
    /// The request's number with this client.
    pub serial: Serial,
    /// What it asks for, in words.
    pub what: String,
    /// Who refused it last, and why; none: nobody has.
    pub denial: Option<Denial>,
    /// What it waits for.
    pub cause: Cause,
}

/// What a request waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// There is no such client.
    NoSuchClient,
    /// It has asked for nothing that is open.
    NothingOpen,
    /// The client stands still.
    Still(Hindered),
    /// Nobody leads the group that is to answer.
    NoLeader {
        /// Which.
        group: Gid,
    },
    /// Nobody serves the shard of its key.
    NoShard {
        /// Which.
        shard: ShardId,
    },
    /// The client and the leader cannot talk to each other.
    Apart {
        /// The leader, and what stops it.
        leader: Hindered,
        /// The client can talk to no server of the group, so that no other leader helps.
        whole: bool,
    },
    /// It stands in the leader's log and is not committed; or an entry does that must be committed
    /// first.
    Uncommitted {
        /// In which group.
        group: Gid,
        /// In which slot.
        slot: Slot,
        /// It is not the request's own: the leader has not committed anything in its term, and
        /// knows not what it may read (thesis §6.4).
        first: bool,
    },
    /// The leader takes no more before it has committed what it has.
    Full {
        /// Which group.
        group: Gid,
        /// The first slot that is not committed.
        slot: Slot,
    },
    /// The leader hands its office over, and takes nothing meanwhile.
    HandsOver {
        /// Who leads.
        leader: NodeId,
        /// Who is to lead.
        to: NodeId,
    },
    /// It is on its way to the leader, or the answer is on its way back.
    OnItsWay {
        /// Who leads.
        leader: NodeId,
    },
}

impl Moment<'_> {
    pub(super) fn request(&self, id: NodeId) -> Request {
        let client = self.world.node(id).and_then(Node::client);
        let nothing = |cause| Request {
            client: id,
            serial: Serial(0),
            what: String::new(),
            denial: None,
            cause,
        };
        let Some(client) = client else { return nothing(Cause::NoSuchClient) };
        let serial = client.clerk().serial();
        let key = client.last().filter(|call| call.serial == serial);
        let order = client.order().filter(|order| order.serial == serial);
        let what = match (key, order) {
            (Some(call), _) => call.command.to_string(),
            (None, Some(order)) => order.command.to_string(),
            (None, None) => return nothing(Cause::NothingOpen),
        };
        let denial = client.denial().filter(|denial| denial.serial == serial);
        let cause = match client.clerk().is_busy() {
            true => self.cause(id, client, key.map(|call| &**call.command.key())),
            false => Cause::NothingOpen,
        };
        Request { client: id, serial, what, denial, cause }
    }

    /// What an open request waits for, which is about a key or about the configuration.
    fn cause(&self, id: NodeId, client: &Client, key: Option<&str>) -> Cause {
        if let Some(by) = self.absent(id) {
            return Cause::Still(Hindered { id, by });
        }
        if let Some(leader) = self.answer_to(id) {
            return Cause::OnItsWay { leader };
        }
        let sharding = self.world.scenario().sharding.zip(key);
        let shard = sharding.map(|(it, key)| shard_of(key, it.shards, it.routing));
        let group = shard.map_or(Some(Gid(0)), |shard| self.server_of(shard));
        let Some((group, leader)) = group.and_then(|group| Some((group, self.led(group)?))) else {
            let nobody = Cause::NoLeader { group: Gid(0) };
            let nobody = shard.map_or(nobody, |shard| Cause::NoShard { shard });
            let mut groups = self.world.scenario().groups();
            let stands = groups.find_map(|group| self.standing(client, group));
            let reads =
                matches!(client.last().map(|call| &call.command), Some(kv::Command::Get { .. }));
            let read = || group.filter(|_| reads).and_then(|group| self.confirmed(group));
            return stands.or_else(read).unwrap_or(nobody);
        };
        // Whoever does not know where the shard is asks the controller first.
        let knows = client.clerk().sharded().is_none_or(|clerk| {
            clerk.config().is_some_and(|known| {
                key.is_none_or(|key| {
                    let shard = shard_of(key, known.shards.len() as u16, self.routing());
                    known.owner(shard) == Some(group)
                })
            })
        });
        if !knows && self.led(Gid(0)).is_none() {
            return Cause::NoLeader { group: Gid(0) };
        }
        self.at_leader((id, client), group, leader)
    }

    /// Who has an answer for a client, on its way or about to be sent.
    fn answer_to(&self, client: NodeId) -> Option<NodeId> {
        let servers = self.world.scenario().server_ids();
        let is = |act: &StoreAct| match act {
            StoreAct::Send { to, wire: Wire::Response(_) } => *to == client,
            _ => false,
        };
        servers.into_iter().find(|id| {
            let hold = self.world.node(*id).and_then(|node| node.hold.as_ref());
            let held = hold.is_some_and(|hold| hold.acts.list().iter().any(is));
            held || self.comes([*id, client], Shape::Response)
        })
    }

    fn routing(&self) -> shardkv::Routing {
        let sharding = self.world.scenario().sharding;
        sharding.map_or(shardkv::Routing::Fnv, |sharding| sharding.routing)
    }

    /// A request stands in a group's log, and can be committed: even if nobody leads the group any
    /// more, for those who are gone since may have acknowledged it, and even if another group has
    /// the shard by now.
    fn standing(&self, client: &Client, group: Gid) -> Option<Cause> {
        let slot = open_slot(client, self.in_office(group)?.1)?;
        let comes = self.urgency(Question::Commit { group, slot }) != Status::Blocked;
        comes.then_some(Cause::Uncommitted { group, slot, first: false })
    }

    /// Those who are gone since may have told whoever is in office that it leads: then it can
    /// answer a read.
    fn confirmed(&self, group: Gid) -> Option<Cause> {
        let (_, leader) = self.in_office(group)?;
        let Role::Leader(office) = leader.server()?.replica().role() else { return None };
        let read = office.awaited_round()?;
        let answered = office.peers.iter().filter(|peer| peer.counts && peer.round >= read);
        let mut heard = self.heard(group, leader);
        answered.for_each(|peer| heard.insert(peer.id));
        let confirmed = heard.len() >= self.world.scenario().quorum_of(group);
        confirmed.then(|| Cause::OnItsWay { leader: leader.id() })
    }

    fn at_leader(&self, (id, client): (NodeId, &Client), group: Gid, leader: &Node) -> Cause {
        let Some(server) = leader.server() else { return Cause::NoLeader { group } };
        let replica = server.replica();
        if let Some(slot) = open_slot(client, leader) {
            return Cause::Uncommitted { group, slot, first: false };
        }
        if let Some(by) = self.stopped([id, leader.id()], [Shape::Request, Shape::Response]) {
            let whole = self.is_apart(&[id], group);
            return Cause::Apart { leader: Hindered { id: leader.id(), by }, whole };
        }
        if let Role::Leader(office) = replica.role()
            && let Some(heir) = office.heir
        {
            return Cause::HandsOver { leader: leader.id(), to: heir.id };
        }
        let (end, term) = (replica.log().end(), replica.hard_state().term);
        if end.0.saturating_sub(replica.commit().0) >= self.world.scenario().raft.uncommitted_max {
            return Cause::Full { group, slot: replica.commit().next() };
        }
        if replica.log().term_at(replica.commit()) != Some(term) {
            return Cause::Uncommitted { group, slot: end, first: true };
        }
        Cause::OnItsWay { leader: leader.id() }
    }
}

/// The slot of a server's log, beyond what it knows to be committed, that has a client's open call.
fn open_slot(client: &Client, server: &Node) -> Option<Slot> {
    let (session, serial) = (client.clerk().session(), client.clerk().serial());
    uncommitted(server, |command| match command {
        service::Command::Controller(machine::Call { client, serial: number, .. }) => {
            (*client, *number) == (session, serial)
        }
        other => other.call().is_some_and(|call| (call.client, call.serial) == (session, serial)),
    })
}

/// Why a server refused.
fn denied(scenario: &Scenario, denial: &Denial) -> String {
    let section = Rule::LeaderServes.section();
    let why = match denial.why {
        Denied::WrongGroup(config) => {
            let group = scenario.group_of(denial.by).unwrap_or_default();
            let group = group_words(scenario, group);
            format!(
                "{group} did not serve the shard in configuration {config} ({})",
                Rule::WholeShard.section()
            )
        }
        Denied::Refused(Refusal::Dropped) => {
            "its entry was lost with an office, or another took its slot".into()
        }
        Denied::Refused(Refusal::Refused(Refused::Busy)) => "it could take no more".into(),
        Denied::Refused(Refusal::Refused(Refused::NotLeader { hint: None })) => {
            format!("it did not lead, nor knew who did ({section})")
        }
        Denied::Refused(Refusal::Refused(Refused::NotLeader { hint: Some(leader) })) => {
            format!(
                "it did not lead, and took {} for the leader ({section})",
                scenario.name(leader)
            )
        }
    };
    format!("{} refused it at {}: {why}", scenario.name(denial.by), moment(denial.at))
}

impl Request {
    pub(super) const fn status(&self) -> Status {
        match self.cause {
            Cause::NoSuchClient => Status::Unknown,
            Cause::NothingOpen => Status::So,
            Cause::Uncommitted { .. }
            | Cause::Full { .. }
            | Cause::HandsOver { .. }
            | Cause::Apart { whole: false, .. }
            | Cause::OnItsWay { .. } => Status::Underway,
            _ => Status::Blocked,
        }
    }

    pub(super) fn names(&self) -> NodeSet {
        match &self.cause {
            Cause::Still(who) | Cause::Apart { leader: who, .. } => NodeSet::from_iter([who.id]),
            Cause::HandsOver { leader, .. } | Cause::OnItsWay { leader } => {
                NodeSet::from_iter([*leader])
            }
            _ => NodeSet::EMPTY,
        }
    }

    pub(super) const fn rule(&self) -> Option<Rule> {
        match self.cause {
            Cause::NoSuchClient | Cause::NothingOpen | Cause::Still(_) => None,
            Cause::Uncommitted { .. } => Some(Rule::Majority),
            Cause::NoShard { .. } => Some(Rule::WholeShard),
            Cause::Full { .. } => Some(Rule::Full),
            Cause::HandsOver { .. } => Some(Rule::HandsOver),
            Cause::NoLeader { .. } | Cause::Apart { .. } | Cause::OnItsWay { .. } => {
                Some(Rule::LeaderServes)
            }
        }
    }

    pub(super) const fn next(&self) -> Option<Question> {
        match self.cause {
            Cause::NoLeader { group } => Some(Question::Leader { group }),
            Cause::NoShard { shard } => Some(Question::Shard { shard }),
            Cause::Uncommitted { group, slot, .. } | Cause::Full { group, slot } => {
                Some(Question::Commit { group, slot })
            }
            _ => None,
        }
    }

    pub(super) fn words(&self, scenario: &Scenario) -> String {
        let Self { client, what, denial, cause, .. } = self;
        let name = scenario.name(*client);
        let before = denial.as_ref().map(|denial| denied(scenario, denial) + ". ");
        let before = before.unwrap_or_default();
        let waits = format!("{before}{name} waits for \"{what}\"");
        match cause {
            Cause::NoSuchClient => format!("{name} is no client."),
            Cause::NothingOpen if what.is_empty() => format!("{name} has asked for nothing."),
            Cause::NothingOpen => format!("{before}{name} has an answer to \"{what}\"."),
            Cause::Still(who) => match who.by {
                Hindrance::Paused { .. } => {
                    format!("{waits}, and asks nobody: {}.", hindered_words(scenario, &[*who]))
                }
                _ => format!("{waits}: {}.", hindered_words(scenario, &[*who])),
            },
            Cause::NoLeader { group } => {
                format!(
                    "{waits}: {} has no leader that could answer.",
                    group_words(scenario, *group)
                )
            }
            Cause::NoShard { shard } => format!("{waits}: nobody serves shard {shard}."),
            Cause::Apart { leader, .. } => {
                format!("{waits}. {}.", hindered_words(scenario, &[*leader]))
            }
            Cause::Uncommitted { slot, first: false, .. } => {
                format!("{waits}, which stands in slot {slot} and is not committed.")
            }
            Cause::Uncommitted { slot, .. } => format!(
                "{waits}: the leader is new, and must commit slot {slot} before it knows what is \
                 committed (thesis §6.4)."
            ),
            Cause::Full { slot, .. } => format!(
                "{waits}: the leader takes no more before slot {slot} is committed ({}).",
                Rule::Full.section()
            ),
            Cause::HandsOver { leader, to } => format!(
                "{waits}: {} hands its office over to {}, and takes nothing meanwhile ({}).",
                scenario.name(*leader),
                scenario.name(*to),
                Rule::HandsOver.section()
            ),
            Cause::OnItsWay { leader } => format!(
                "{waits}: {} leads, and nothing keeps the two from each other.",
                scenario.name(*leader)
            ),
        }
    }
}
