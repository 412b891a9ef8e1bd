//! RI-15 and RI-22: what clients are told.

use alloc::vec::Vec;

use super::commits::{ASTRAY, told};
use super::memory::Group;
use super::{Findings, Law};
use crate::id::{Gid, NodeId, Serial, Slot};
use crate::protocol::Payload;
use crate::sim::report::Shown;
use crate::sim::scenario::Sharding;
use crate::sim::store::StoreEntry;
use crate::sim::world::{World, client_of};

/// What is remembered of the clients, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Callers(Vec<Caller>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Caller {
    /// Its open or last call.
    serial: Serial,
    /// What was known to be committed in each group when that was called.
    since: [Slot; GROUPS],
    /// It was answered as a read without the log.
    read: bool,
    /// The call that was committed last, where, and what the machine replied.
    done: Done,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Done {
    serial: Serial,
    group: Gid,
    slot: Slot,
    reply: u64,
}

/// The controller and all others.
const GROUPS: usize = Sharding::MAX_GROUPS as usize + 1;

impl Callers {
    pub(super) fn new(world: &World) -> Self {
        Self(world.scenario().client_ids().map(|_| Caller::default()).collect())
    }

    fn get_mut(&mut self, world: &World, client: NodeId) -> Option<&mut Caller> {
        let index = client.0.checked_sub(world.scenario().server_count())?;
        self.0.get_mut(usize::from(index))
    }

    /// An entry was applied for the first time.
    pub(super) fn on_applied(
        &mut self,
        world: &World,
        group: Gid,
        (slot, entry, reply): (Slot, &StoreEntry, u64),
    ) {
        let Payload::Command(command) = &entry.payload else { return };
        let Some(call) = command.call() else { return };
        let servers = u64::from(world.scenario().server_count());
        let number = client_of(call.client).and_then(|client| client.checked_add(servers));
        let Some(number) = number else { return };
        let client = NodeId(u16::try_from(number - 1).unwrap_or(u16::MAX));
        let Some(caller) = self.get_mut(world, client) else { return };
        let process = world.node(client).and_then(|node| node.client());
        let asked = process.and_then(|client| client.last());
        let own =
            asked.is_some_and(|asked| asked.serial == call.serial && asked.command == call.command);
        // A retry may stand in a second slot; the first one counts.
        let serial = call.serial;
        if own && caller.serial == serial && caller.done.serial != serial && reply != ASTRAY {
            caller.done = Done { serial, group, slot, reply };
        }
    }

    /// A server answered a read without the log, after it had applied `applied`.
    pub(super) fn on_answered(
        &mut self,
        world: &World,
        (group, server): (Gid, NodeId),
        applied: Slot,
        (client, serial): (NodeId, Serial),
        findings: &mut Findings<'_>,
    ) {
        let Some(caller) = self.get_mut(world, client) else { return };
        // An earlier attempt's answer comes to nobody who waits for it.
        if caller.serial == serial {
            caller.read = true;
            let since = caller.since.get(usize::from(group.0)).copied().unwrap_or_default();
            findings.judge(Law::FreshReads, server, applied >= since, [applied.0, since.0]);
        }
    }

    /// A client's own step: it called, or got an answer.
    pub(super) fn on_shown(
        &mut self,
        world: &World,
        client: NodeId,
        shown: &Shown,
        groups: &[Group],
        findings: &mut Findings<'_>,
    ) {
        let Some(caller) = self.get_mut(world, client) else { return };
        match shown {
            Shown::Called { serial, .. } => {
                (caller.serial, caller.read) = (*serial, false);
                for (since, group) in caller.since.iter_mut().zip(groups) {
                    *since = group.end();
                }
            }
            Shown::Returned { serial, reply: Some(reply), .. } => {
                let done = caller.done;
                let logged = done.serial == *serial
                    && done.reply == told(reply)
                    && groups.get(usize::from(done.group.0)).is_some_and(|g| g.stores(done.slot));
                let holds = logged || (caller.read && caller.serial == *serial);
                findings.judge(Law::HonestAcks, client, holds, [serial.0, done.serial.0]);
            }
            _ => {}
        }
    }
}
