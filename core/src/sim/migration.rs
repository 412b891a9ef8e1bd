//! How a server of a group that holds shards works together with its mover: the mover sees what
//! came of each event, and what it wants is done as if the server wanted it.

use super::node::ServerProcess;
use super::scenario::Scenario;
use super::service;
use super::store::{StoreActs, StoreCommand, StoreReply, StoreWire};
use crate::controller;
use crate::id::{ClientId, ConfigNumber, Gid, Incarnation, NodeId, Serial};
use crate::machine::{Answer, Call};
use crate::protocol::Protocol;
use crate::rng::Rng;
use crate::server::{Request, Response, Wire};
use crate::shardkv;
use crate::shardkv::mover::{Heard, Move, Mover, Moves};
use crate::time::{Alarm, Instant};

/// The lane of a mover.
const LANE: u64 = 0x6d6f_7665;

/// The mover of a server; none: its group holds no shards.
pub(super) fn mover(scenario: &Scenario, id: NodeId, incarnation: Incarnation) -> Option<Mover> {
    let sharding = scenario.sharding?;
    let gid = scenario.group_of(id).filter(|gid| *gid != Gid(0))?;
    let lane = Rng::keyed(&[scenario.seed, LANE, u64::from(id.0), u64::from(incarnation.0)]);
    let controllers = scenario.members(Gid(0)).collect();
    let (poll, patience) = (sharding.poll, scenario.patience);
    Some(Mover::new(gid, incarnation, controllers, poll, patience, lane, scenario.mutant))
}

impl ServerProcess {
    /// When it wants to be woken, on its own clock.
    pub(super) fn alarm(&self) -> Option<Alarm> {
        let server = self.server.as_ref()?;
        Alarm::earlier(server.alarm(), self.mover.as_ref().and_then(Mover::alarm))
    }

    /// Lets the mover see what came of an event, until it wants nothing more.
    pub(super) fn migrate(&mut self, now: Instant, acts: &mut StoreActs) {
        if self.mover.is_some() {
            self.consult(now, acts, |mover, now, leads, shards, moves| {
                mover.look(now, leads, shards, moves);
            });
        }
    }

    /// The mover's alarm may have gone off.
    pub(super) fn wake_mover(&mut self, now: Instant, acts: &mut StoreActs) {
        self.consult(now, acts, |mover, now, leads, shards, moves| {
            mover.wake(now, leads, shards, moves);
        });
    }

    /// Somebody answered the mover.
    pub(super) fn hear(
        &mut self,
        now: Instant,
        (from, response): (NodeId, Response<StoreReply>),
        acts: &mut StoreActs,
    ) {
        let heard = match response.result {
            Ok(service::Reply::Controller(Answer::Done(controller::Reply::Config(config)))) => {
                Heard::Config(config)
            }
            Ok(service::Reply::Shards(shardkv::Reply::Install(reply))) => Heard::Install(reply),
            Err(refusal) => Heard::Refused(refusal),
            Ok(_) => return,
        };
        let tag = response.tag;
        self.consult(now, acts, |mover, now, leads, shards, moves| {
            mover.receive(now, from, tag, heard, leads, shards, moves);
        });
    }

    fn consult(
        &mut self,
        now: Instant,
        acts: &mut StoreActs,
        consult: impl FnOnce(&mut Mover, Instant, bool, &shardkv::ShardKv, &mut Moves),
    ) {
        let mut moves = Moves::default();
        let mut consult = Some(consult);
        loop {
            let (Some(server), Some(mover)) = (&mut self.server, &mut self.mover) else { return };
            let leads = server.replica().leading().is_some();
            let Some(shards) = server.machine().shards() else { return };
            match consult.take() {
                Some(consult) => consult(mover, now, leads, shards, &mut moves),
                // A command of a group of one is applied at once.
                None => mover.look(now, leads, shards, &mut moves),
            }
            let before = server.applied();
            for wish in moves.drain() {
                match wish {
                    Move::Ask { to, tag, query } => acts.send(to, ask(tag, query)),
                    Move::Push { to, tag, install } => {
                        let command = StoreCommand::Shards(shardkv::Command::Install(install));
                        acts.send(to, Wire::Request(Request { tag, command, read: false }));
                    }
                    Move::Propose(command) => {
                        let command = StoreCommand::Shards(command);
                        // Whoever cannot take it now is asked again when something has changed.
                        server.nudge(acts, |replica, out| {
                            let _ = replica.propose(now, command, out);
                        });
                    }
                }
            }
            if self.server.as_ref().is_none_or(|server| server.applied() == before) {
                return;
            }
        }
    }
}

/// A question to the controller. It changes nothing, so it needs no session.
const fn ask(tag: u64, query: Option<ConfigNumber>) -> StoreWire {
    let command = controller::Command::Query(query);
    let call = Call { client: ClientId(0), serial: Serial(0), command };
    Wire::Request(Request { tag, command: StoreCommand::Controller(call), read: true })
}

#[cfg(test)]
mod tests;
