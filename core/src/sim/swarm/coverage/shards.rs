//! Interesting states of a sharded store: configurations, shards on their way, clients that follow
//! them.

use alloc::collections::BTreeMap;

use super::{Lookout, Sometimes};
use crate::controller::{self, Config};
use crate::id::{ClientId, ConfigNumber, Gid, NodeId, Serial, ShardId, Slot};
use crate::machine::{self, Answer};
use crate::protocol::Payload;
use crate::raft::Role;
use crate::raft::note::Note;
use crate::shardkv::{Command, Holding, Install, Installed, Reply, ShardKv, ShardSet, Status};
use crate::sim::packet::Shape;
use crate::sim::report::{Happened, Report, Shown};
use crate::sim::service;
use crate::sim::store::StoreReply;
use crate::sim::swarm::draw::cluster::latest;
use crate::sim::world::World;
use crate::time::Why;

/// What came before, where the world does not tell.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    /// The last call of each session that was executed, and by whom.
    executed: BTreeMap<ClientId, (Serial, Gid)>,
    /// The last call of each client, and which group it asked.
    asked: BTreeMap<NodeId, (Serial, Gid)>,
    /// Where in its log a group got a shard by a configuration.
    arrived: BTreeMap<(Gid, ConfigNumber, ShardId), Slot>,
    /// What each group has served.
    served: BTreeMap<Gid, ShardSet>,
}

/// What the furthest server of a group holds.
fn holds(world: &World, gid: Gid) -> Option<&ShardKv> {
    world.furthest(gid)?.machine().shards()
}

fn is_led(world: &World, gid: Gid) -> bool {
    let servers = world.members(gid).filter_map(|node| node.server());
    servers.into_iter().any(|server| matches!(server.replica().role(), Role::Leader(_)))
}

impl Lookout {
    pub(super) fn look_at_shards(&mut self, world: &World, report: &Report) {
        let node = report.node;
        let own = world.node(node).and_then(|node| node.server());
        let shards = own.and_then(|server| server.machine().shards());
        let unfinished = shards.is_some_and(ShardKv::is_unfinished);
        let has = |of: fn(&Shown) -> bool| report.shown.iter().any(of);
        let booted = has(|shown| matches!(shown, Shown::Booted));
        let restored = has(|shown| matches!(shown, Shown::Restored(_)));
        self.met.meet_if(unfinished && booted && restored, Sometimes::BootedMeanwhile);
        let polls = report.happened == Happened::Woke(Why::Poll);
        self.met.meet_if(polls && !is_led(world, Gid(0)), Sometimes::NobodyToAsk);
        for shown in &report.shown {
            match shown {
                Shown::Applied { slot, entry, reply: Some(reply) } => {
                    if let Payload::Command(command) = &entry.payload {
                        self.applied(world, node, *slot, (command, reply));
                    }
                }
                Shown::Note(note) => {
                    if let Some(shards) = shards {
                        self.noted_meanwhile(world, shards, note);
                    }
                }
                Shown::Sent(label) if label.shape == Shape::Request && own.is_some() => {
                    let to = world.scenario().group_of(label.to).filter(|to| *to != Gid(0));
                    let again = report.happened == Happened::Woke(Why::Retry);
                    self.met.meet_if(to.is_some() && again, Sometimes::PushedAgain);
                    let nobody = to.is_some_and(|to| !is_led(world, to));
                    self.met.meet_if(nobody, Sometimes::PushedToNobody);
                }
                Shown::Asked { serial, server } => self.asked(world, node, *serial, *server),
                Shown::Concluded { reply: Some(reply), .. } => self.concluded(world, reply),
                _ => {}
            }
        }
    }

    fn noted_meanwhile(&mut self, world: &World, shards: &ShardKv, note: &Note) {
        let elected = matches!(note, Note::BecameLeader(_));
        let furthest = holds(world, shards.gid()).map(|shards| shards.config().number);
        let behind = furthest > Some(shards.config().number);
        self.met.meet_if(elected && behind, Sometimes::ElectedBehind);
        if !shards.is_unfinished() {
            return;
        }
        match note {
            Note::BecameLeader(_) => {
                self.met.meet_if(!shards.frozen().is_empty(), Sometimes::TakenUp);
            }
            Note::SteppedDown(_) => self.met.meet(Sometimes::DeposedMeanwhile),
            Note::Installed(_) => self.met.meet(Sometimes::InstalledMeanwhile),
            Note::Compacted(_) => self.met.meet(Sometimes::CompactedMeanwhile),
            _ => {}
        }
    }

    fn asked(&mut self, world: &World, client: NodeId, serial: Serial, server: NodeId) {
        let Some(gid) = world.scenario().group_of(server) else { return };
        let before = self.past.asked.insert(client, (serial, gid));
        let moved = before.is_some_and(|(same, other)| same == serial && other != gid);
        self.met.meet_if(moved, Sometimes::Followed);
    }

    fn concluded(&mut self, world: &World, reply: &controller::Reply) {
        match reply {
            controller::Reply::Refused(_) => self.met.meet(Sometimes::ChangeRefused),
            controller::Reply::Config(config) => {
                let older = latest(world).is_some_and(|last| config.number < last.number);
                self.met.meet_if(older, Sometimes::OlderAsked);
            }
            controller::Reply::Changed(_) => {}
        }
    }

    fn applied(
        &mut self,
        world: &World,
        node: NodeId,
        slot: Slot,
        (command, reply): (&service::Command, &StoreReply),
    ) {
        let Some(server) = world.node(node).and_then(|node| node.server()) else { return };
        if let StoreReply::Controller(Answer::Done(controller::Reply::Changed(number))) = reply
            && let Some(controller) = server.machine().controller()
        {
            self.changed(controller.machine().config(Some(*number)));
        }
        let Some(shards) = server.machine().shards() else { return };
        let (service::Command::Shards(command), StoreReply::Shards(reply)) = (command, reply)
        else {
            return;
        };
        match (command, reply) {
            (Command::Client(call), reply) => self.called(shards, call, reply),
            (Command::Configure(_), Reply::Configured(true)) => self.configured(world, shards),
            (Command::Configure(_), _) => self.met.meet(Sometimes::ConfiguredTwice),
            (Command::Install(install), Reply::Install(reply)) => {
                self.installed(shards, slot, install, *reply);
            }
            (Command::Delete { .. }, Reply::Deleted(true)) => self.met.meet(Sometimes::CopyDeleted),
            (Command::Delete { .. }, _) => self.met.meet(Sometimes::CopyDeletedTwice),
            (Command::Install(_), _) => {}
        }
        let serving = |holding: &Holding| holding.status() == Status::Serving;
        let served = self.past.served.entry(shards.gid()).or_default();
        for (shard, _) in shards.holdings().filter(|(_, holding)| serving(holding)) {
            served.set(shard, true);
        }
    }

    /// The controller has made a configuration.
    fn changed(&mut self, config: &Config) {
        self.met.meet_if(config.groups.is_empty(), Sometimes::LastLeft);
        let parts = config.shards.iter().zip(config.holders.iter());
        let moved = parts.filter(|(to, from)| to != from && to.0 > 0 && from.0 > 0).count();
        self.met.meet_if(moved >= 3, Sometimes::ManyMoved);
    }

    fn called(
        &mut self,
        shards: &ShardKv,
        call: &machine::Call<crate::kv::Command>,
        reply: &Reply,
    ) {
        let gid = shards.gid();
        match reply {
            Reply::WrongGroup { .. } => {
                let holding = shards.holding(shards.shard_of(call.command.key()));
                let here = holding.is_some_and(|holding| holding.status() == Status::Serving);
                self.met.meet(if here { Sometimes::PausedInLog } else { Sometimes::RefusedInLog });
            }
            Reply::Client(Answer::Done(_)) => {
                self.met.meet_if(shards.is_unfinished(), Sometimes::ServedMeanwhile);
                let known = self.past.executed.get(&call.client).copied();
                // Each replica executes it: whoever came first keeps it.
                match known.filter(|(serial, _)| *serial >= call.serial) {
                    Some((serial, by)) => {
                        let again = serial == call.serial && by != gid;
                        self.met.meet_if(again, Sometimes::CachedAtNewOwner);
                    }
                    None => {
                        self.past.executed.insert(call.client, (call.serial, gid));
                    }
                }
            }
            _ => {}
        }
    }

    fn configured(&mut self, world: &World, shards: &ShardKv) {
        let (gid, config) = (shards.gid(), shards.config());
        self.met.meet(Sometimes::Configured);
        let last = latest(world).map_or(0, |last| last.number.0);
        self.met.meet_if(last >= config.number.0 + 3, Sometimes::FarBehind);
        let mut parts = config.shards.iter().zip(config.holders.iter());
        let empty = parts.any(|(owner, holder)| *owner == gid && holder.0 == 0);
        self.met.meet_if(empty, Sometimes::BeganEmpty);
        for (_, holding) in shards.holdings() {
            self.met.meet_if(holding.status() == Status::Parked, Sometimes::Parked);
            let Holding::Awaiting { from, .. } = holding else { continue };
            let Some(source) = holds(world, *from) else { continue };
            let awaits = |holding: &Holding| match holding {
                Holding::Awaiting { from, .. } => *from == gid,
                _ => false,
            };
            let mutual = source.holdings().any(|(_, holding)| awaits(holding));
            self.met.meet_if(mutual, Sometimes::Exchanged);
            let behind = source.config().number < config.number;
            self.met.meet_if(behind, Sometimes::SourceBehind);
        }
        let others = world.scenario().groups().filter_map(|gid| holds(world, gid));
        let unfinished = others.filter(|shards| shards.is_unfinished()).count();
        self.met.meet_if(unfinished >= 2, Sometimes::TwoUnfinished);
    }

    fn installed(&mut self, shards: &ShardKv, slot: Slot, install: &Install, reply: Installed) {
        let gid = shards.gid();
        match reply {
            Installed::NotYet { .. } => self.met.meet(Sometimes::NotYet),
            Installed::Next(_) => self.met.meet(Sometimes::Piece),
            Installed::Done => {
                self.met.meet(Sometimes::Arrived);
                let served = self.past.served.get(&gid).copied().unwrap_or_default();
                let place = (gid, install.config, install.shard);
                let mut news = false;
                let first = *self.past.arrived.entry(place).or_insert_with(|| {
                    news = true;
                    slot
                });
                self.met.meet_if(first != slot, Sometimes::ArrivedTwice);
                let back = news && served.contains(install.shard);
                self.met.meet_if(back, Sometimes::CameBack);
            }
        }
    }
}
