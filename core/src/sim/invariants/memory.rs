//! What the observers remember, and how a step is shared out among them.

mod records;

use alloc::vec::Vec;

use super::clients::Callers;
use super::commits::{self, Commits, gist, state};
use super::configs::Configs;
use super::elections::Elections;
use super::logs::Prefixes;
use super::messages::Spoken;
use super::shards::Shards;
use super::{Findings, Law, local};
use crate::id::{Gid, LogId, NodeId, NodeSet, Slot, Term};
use crate::raft::message::HardState;
use crate::sim::node::Node;
use crate::sim::report::{ActionKind, Happened, Report, Shown};
use crate::sim::scenario::Scenario;
use crate::sim::store::{Durable, Record, Server, StoreEntry, StoreReply};
use crate::sim::world::World;
use crate::time::Why;

/// What all observers remember.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    groups: Vec<Group>,
    outside: Outside,
}

/// What is remembered besides: of the clients, and of what concerns several groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Outside {
    callers: Callers,
    configs: Configs,
    shards: Shards,
}

/// What is remembered of a group of servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    whole: Whole,
    nodes: Vec<Watched>,
}

/// What is remembered of all servers of a group together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Whole {
    elections: Elections,
    prefixes: Prefixes,
    commits: Commits,
    calm: Calm,
}

/// What is remembered of one server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Watched {
    /// It leads in this term.
    pub(super) leading: Option<Term>,
    /// The last entry of its durable log.
    pub(super) last: LogId,
    /// Its durable log has all that is committed up to here.
    pub(super) agreed: Slot,
    /// It lost its disk, which had everything up to here that was committed then or later: of
    /// that, it is discounted.
    pub(super) lost: Option<Slot>,
    /// Term and vote on its disk.
    pub(super) hard: HardState,
    /// What it has applied since it started.
    pub(super) applied: Slot,
    /// Its commit index since it started.
    pub(super) commit: Slot,
    /// The highest that its commit index ever was.
    pub(super) kept: Slot,
    /// As a leader: what it counts of each other server of its group.
    pub(super) matched: [Slot; Scenario::MAX_SERVERS as usize],
}

/// When all was quiet last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Calm {
    /// Up to here was committed when a leader last felt the need to say that it is there.
    end: Slot,
    /// These servers were compared since.
    alike: NodeSet,
}

/// What a step brought that concerns more than one server.
#[derive(Default)]
struct News {
    /// A log or snapshot became durable.
    stored: bool,
    /// More is known to be committed.
    committed: bool,
    /// What its messages say.
    spoken: Spoken,
}

impl Memory {
    /// By group: up to which slot everything is known to be committed.
    pub(super) fn committed(&self) -> impl Iterator<Item = Slot> {
        self.groups.iter().map(Group::end)
    }

    pub(super) const fn configs(&self) -> &Configs {
        &self.outside.configs
    }

    pub(super) const fn shards(&self) -> &Shards {
        &self.outside.shards
    }

    /// Judges a step.
    pub(super) fn observe(&mut self, world: &World, report: &Report, findings: &mut Findings<'_>) {
        if self.groups.is_empty() {
            self.groups = world.scenario().groups().map(|gid| Group::new(world, gid)).collect();
            let (callers, shards) = (Callers::new(world), Shards::new(world));
            self.outside = Outside { callers, configs: Configs::default(), shards };
        }
        let Some(node) = world.node(report.node) else { return };
        let gid = world.scenario().group_of(report.node);
        match report.happened {
            // The process was not even told.
            Happened::Queued(_) | Happened::Missed(_) => return,
            Happened::Woke(why) => {
                judge_time(report, findings);
                if why == Why::Heartbeat
                    && let Some(gid) = gid
                    && let Some(group) = self.groups.get_mut(usize::from(gid.0))
                {
                    group.whole.judge_calm(world, gid, findings);
                }
            }
            _ => {}
        }
        let Self { groups, outside } = self;
        let Some(gid) = gid else {
            for shown in &report.shown {
                outside.callers.on_shown(world, report.node, shown, groups, findings);
                outside.configs.on_shown(report.node, shown, findings);
            }
            return;
        };
        if let (Some(group), Some(disk)) = (groups.get_mut(usize::from(gid.0)), node.durable()) {
            let seen = (world, report);
            group.observe(seen, gid, (node, disk), outside, findings);
        }
        outside.shards.judge(gid, node, &outside.configs, findings);
    }
}

impl Outside {
    /// A server of a sharded store applied an entry; `first` if nobody had before.
    fn on_applied(
        &mut self,
        (world, gid, node): (&World, Gid, NodeId),
        (slot, entry, reply): (Slot, &StoreEntry, Option<&StoreReply>),
        first: bool,
        findings: &mut Findings<'_>,
    ) {
        if gid == Gid(0) {
            self.configs.on_applied(world, node, (entry, reply, first), findings);
        } else {
            let applied = (slot, entry, reply);
            self.shards.on_applied(gid, node, applied, &self.configs, findings);
        }
    }

    /// A server has a snapshot, which may hold what nobody was seen to apply.
    fn on_restored(
        &mut self,
        (world, gid, node): (&World, Gid, NodeId),
        slot: Slot,
        findings: &mut Findings<'_>,
    ) {
        if gid == Gid(0) {
            self.configs.on_restored(world, node, findings);
        } else {
            self.shards.on_restored(gid, slot);
        }
    }
}

impl Group {
    fn new(world: &World, gid: Gid) -> Self {
        let nodes = world.members(gid).map(|_| Watched::default()).collect();
        Self { whole: Whole::default(), nodes }
    }

    /// The last slot known to be committed.
    pub(super) const fn end(&self) -> Slot {
        self.whole.commits.end()
    }

    /// Whether a majority of disks has everything up to a slot.
    pub(super) fn stores(&self, slot: Slot) -> bool {
        self.whole.commits.stored(slot, &self.nodes) > self.nodes.len() / 2
    }

    /// Judges a step of one of its servers.
    fn observe(
        &mut self,
        (world, report): (&World, &Report),
        gid: Gid,
        (node, disk): (&Node, &Durable),
        outside: &mut Outside,
        findings: &mut Findings<'_>,
    ) {
        let Self { whole, nodes } = self;
        let Some(watched) = nodes.get_mut(world.scenario().rank(report.node)) else { return };
        let (mut news, agreed) = (News::default(), watched.agreed);
        for shown in &report.shown {
            let seen = (world, report, gid);
            whole.observe(seen, shown, (node, disk), (watched, outside), &mut news, findings);
        }
        if news.stored {
            watched.last = disk.log.last();
            whole.commits.extend(watched, &disk.log);
        }
        news.spoken.judge(watched, disk, report, findings);
        if let Some(server) = settled(node) {
            local::judge(world, report, server, (watched, news.stored), findings);
        }
        let remains = watched.agreed;
        if news.committed {
            let disks = world.members(gid).filter_map(Node::durable);
            for (watched, disk) in nodes.iter_mut().zip(disks) {
                whole.commits.extend(watched, &disk.log);
            }
        }
        // A majority that had it all loses it only where a log loses some of it.
        if news.committed || remains < agreed {
            whole.commits.check_quorum(report.node, nodes, findings);
        }
    }
}

impl Whole {
    /// Nothing was committed since a leader last felt the need to say that it is there: whoever has
    /// applied all of it holds the same.
    fn judge_calm(&mut self, world: &World, gid: Gid, findings: &mut Findings<'_>) {
        let (end, calm) = (self.commits.end(), &mut self.calm);
        if calm.end != end {
            *calm = Calm { end, alike: NodeSet::EMPTY };
            return;
        }
        let there =
            world.members(gid).filter(|node| settled(node).is_some_and(|s| s.applied() == end));
        let alike: NodeSet = there.clone().map(Node::id).collect();
        if alike.without(calm.alike).is_empty() {
            return;
        }
        calm.alike = alike;
        let mut first = None;
        for node in there {
            let Some(server) = node.server() else { continue };
            let state = state(server.machine());
            let holds = *first.get_or_insert(state) == state;
            findings.judge(Law::EqualReplicas, node.id(), holds, [end.0; 2]);
        }
    }

    /// Judges one thing that a server's step showed.
    fn observe(
        &mut self,
        (world, report, gid): (&World, &Report, Gid),
        shown: &Shown,
        (process, disk): (&Node, &Durable),
        (watched, outside): (&mut Watched, &mut Outside),
        news: &mut News,
        findings: &mut Findings<'_>,
    ) {
        let node = report.node;
        match shown {
            // What is done to a message on its way is not the sender's doing.
            Shown::Sent(_) if report.happened == Happened::Acted(ActionKind::Packet) => {}
            Shown::Sent(label) => {
                self.elections.on_sent(label, findings);
                news.spoken.on_sent(label, disk, findings);
            }
            Shown::Persisted(record) => {
                // Which of two equal records it is does not matter: the first has more to come.
                let more = || {
                    let mut rest = report.shown.iter().skip_while(|other| *other != shown).skip(1);
                    rest.any(|later| matches!(later, Shown::Persisted(Record::Splice(_))))
                };
                self.on_record(record, (process, disk), more, watched, news, findings);
            }
            Shown::Applied { slot, entry, reply } => {
                let applied = (*slot, entry, gist(reply.as_ref()));
                let first = self.on_applied(node, applied, disk, watched, findings);
                news.committed |= first;
                if first {
                    outside.callers.on_applied(world, gid, applied);
                }
                if world.scenario().sharding.is_some() {
                    let applied = (*slot, entry, reply.as_ref());
                    outside.on_applied((world, gid, node), applied, first, findings);
                }
            }
            Shown::Note(_) => {}
            Shown::Answered { applied, to, serial, reply } => {
                let (reflects, call) = (watched.applied.min(*applied), (*to, *serial));
                outside.callers.on_answered(world, (gid, node), reflects, call, findings);
                if let Some(reply) = &reply.0 {
                    outside.shards.on_read((gid, node), *applied, call, reply, findings);
                }
            }
            _ => {
                if let Shown::Restored(slot) = shown {
                    outside.on_restored((world, gid, node), *slot, findings);
                }
                self.on_change(process, shown, disk, watched, findings);
            }
        }
    }

    /// True: more is known to be committed.
    #[inline(never)]
    fn on_applied(
        &mut self,
        node: NodeId,
        applied: (Slot, &StoreEntry, u64),
        disk: &Durable,
        watched: &mut Watched,
        findings: &mut Findings<'_>,
    ) -> bool {
        let (slot, before) = (applied.0, watched.applied);
        findings.judge(Law::IndexOrder, node, before.next() == slot, [slot.0, before.0]);
        watched.applied = slot;
        self.commits.on_applied(node, applied, disk.hard.term, findings)
    }

    /// What seldom happens.
    #[inline(never)]
    fn on_change(
        &mut self,
        process: &Node,
        shown: &Shown,
        disk: &Durable,
        watched: &mut Watched,
        findings: &mut Findings<'_>,
    ) {
        let node = process.id();
        let Self { elections, commits, calm, .. } = self;
        match shown {
            Shown::Leading(Some(epoch)) => {
                let term = Term(epoch.0);
                elections.on_leader(node, term, findings);
                commits.on_leader(node, term, watched, findings);
                watched.leading = Some(term);
                watched.matched = Default::default();
            }
            Shown::Leading(None) => watched.leading = None,
            Shown::Crashed => {
                (watched.leading, watched.applied, watched.commit) = (None, Slot(0), Slot(0));
                calm.alike = NodeSet::EMPTY;
            }
            Shown::Restored(slot) => {
                let (rises, seen) = (*slot >= watched.applied, watched.applied.0);
                findings.judge(Law::TrueSnapshots, node, rises, [slot.0, seen]);
                watched.applied = *slot;
                if let Some(snapshot) =
                    disk.snapshot.as_ref().filter(|kept| kept.last.slot == *slot)
                {
                    judge_state(process, *slot, state(&snapshot.machine), findings);
                }
            }
            Shown::Wiped => {
                // What a second disk held never counted: only the first one is discounted.
                let lost = watched.lost.or(Some(watched.last.slot));
                *watched = Watched { lost, ..Watched::default() };
            }
            _ => {}
        }
    }
}

fn judge_time(report: &Report, findings: &mut Findings<'_>) {
    let spins = report.shown.contains(&Shown::Spinning);
    findings.judge(Law::Time, report.node, !spins, [report.step, report.at.as_micros()]);
}

/// The server that runs in a process, if nothing that it did is held back.
fn settled(node: &Node) -> Option<&Server> {
    node.server().filter(|_| node.hold.is_none())
}

/// A server that has applied just what is in a snapshot holds the same.
fn judge_state(node: &Node, slot: Slot, state: u64, findings: &mut Findings<'_>) {
    if let Some(server) = settled(node).filter(|server| server.applied() == slot) {
        let holds = commits::state(server.machine()) == state;
        findings.judge(Law::EqualReplicas, node.id(), holds, [slot.0; 2]);
    }
}
