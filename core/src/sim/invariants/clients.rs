//! RI-15 and RI-22: what clients are told.

use alloc::vec::Vec;

use super::commits::{Commits, told};
use super::memory::Watched;
use super::{Findings, Law};
use crate::id::{NodeId, Serial, Slot};
use crate::protocol::Payload;
use crate::sim::report::Shown;
use crate::sim::store::StoreEntry;
use crate::sim::world::{World, client_of};

/// What is remembered of the clients, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Callers(Vec<Caller>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Caller {
    /// Its open or last call.
    serial: Serial,
    /// What was known to be committed when that was called.
    since: Slot,
    /// It was answered as a read without the log.
    read: bool,
    /// The call that was committed last, where, and what the machine replied.
    done: (Serial, Slot, u64),
}

impl Callers {
    pub(super) fn new(world: &World) -> Self {
        Self(world.scenario().client_ids().map(|_| Caller::default()).collect())
    }

    fn get_mut(&mut self, world: &World, client: NodeId) -> Option<&mut Caller> {
        let index = client.0.checked_sub(world.scenario().servers)?;
        self.0.get_mut(usize::from(index))
    }

    /// An entry was applied for the first time.
    pub(super) fn on_applied(
        &mut self,
        world: &World,
        (slot, entry, reply): (Slot, &StoreEntry, u64),
    ) {
        let Payload::Command(call) = &entry.payload else { return };
        let servers = u64::from(world.scenario().servers);
        let number = client_of(call.client).and_then(|client| client.checked_add(servers));
        let Some(number) = number else { return };
        let client = NodeId(u16::try_from(number - 1).unwrap_or(u16::MAX));
        let Some(caller) = self.get_mut(world, client) else { return };
        let process = world.node(client).and_then(|node| node.client());
        let asked = process.and_then(|client| client.last());
        let own =
            asked.is_some_and(|asked| asked.serial == call.serial && asked.command == call.command);
        // A retry may stand in a second slot; the first one counts.
        if own && caller.serial == call.serial && caller.done.0 != call.serial {
            caller.done = (call.serial, slot, reply);
        }
    }

    /// A server answered a read without the log, after it had applied `applied`.
    pub(super) fn on_answered(
        &mut self,
        world: &World,
        server: NodeId,
        applied: Slot,
        (client, serial): (NodeId, Serial),
        findings: &mut Findings<'_>,
    ) {
        let Some(caller) = self.get_mut(world, client) else { return };
        // An earlier attempt's answer comes to nobody who waits for it.
        if caller.serial == serial {
            caller.read = true;
            let fresh = applied >= caller.since;
            findings.judge(Law::FreshReads, server, fresh, [applied.0, caller.since.0]);
        }
    }

    /// A client's own step: it called, or got an answer.
    pub(super) fn on_shown(
        &mut self,
        world: &World,
        client: NodeId,
        shown: &Shown,
        (commits, nodes): (&Commits, &[Watched]),
        findings: &mut Findings<'_>,
    ) {
        let Some(caller) = self.get_mut(world, client) else { return };
        match shown {
            Shown::Called { serial, .. } => {
                (caller.serial, caller.since, caller.read) = (*serial, commits.end(), false);
            }
            Shown::Returned { serial, reply: Some(reply), .. } => {
                let (done, slot, gave) = caller.done;
                let logged = done == *serial
                    && gave == told(reply)
                    && commits.stored(slot, nodes) > nodes.len() / 2;
                let holds = logged || (caller.read && caller.serial == *serial);
                findings.judge(Law::HonestAcks, client, holds, [serial.0, done.0]);
            }
            _ => {}
        }
    }
}
