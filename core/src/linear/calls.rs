//! Who called what, and what is over: whether events make a history.

use alloc::vec::Vec;

use super::Malformed;
use crate::history::Event;
use crate::id::{NodeId, Serial};
use crate::sorted::Sorted;

/// Where a call stands: the number of its key, and its place among the operations on it.
pub(super) type Place = (u32, u32);

/// The calls of all clients.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    clients: Sorted<NodeId, Client>,
}

#[derive(Clone, Debug, Default)]
struct Client {
    /// The calls that are open.
    open: Vec<(Serial, Place)>,
    /// The numbers of those that are over, as ranges: clients count upwards, so there are few.
    over: Vec<(u64, u64)>,
}

impl Calls {
    /// Whether an event may be a call.
    pub(super) fn check(&self, position: u64, event: &Event) -> Result<(), Malformed> {
        match self.clients.get(&event.client) {
            Some(client) if client.knows(event.serial) => {
                Err(Malformed::new(position, event, "is called a second time"))
            }
            _ => Ok(()),
        }
    }

    /// A call, which stands somewhere.
    pub(super) fn open(&mut self, event: &Event, place: Place) {
        let call = (event.serial, place);
        match self.clients.get_mut(&event.client) {
            Some(client) => client.open.push(call),
            None => {
                let client = Client { open: Vec::from([call]), over: Vec::new() };
                self.clients.insert(event.client, client);
            }
        }
    }

    /// A return: where its call stands.
    pub(super) fn close(&mut self, position: u64, event: &Event) -> Result<Place, Malformed> {
        let malformed = |words| Err(Malformed::new(position, event, words));
        let Some(client) = self.clients.get_mut(&event.client) else {
            return malformed("returns without having been called");
        };
        let open = client.open.iter().position(|(serial, ..)| *serial == event.serial);
        let Some(open) = open else {
            return malformed(match client.knows(event.serial) {
                true => "returns a second time",
                false => "returns without having been called",
            });
        };
        let (serial, place) = client.open.swap_remove(open);
        client.finish(serial.0);
        Ok(place)
    }
}

impl Client {
    /// Whether there was a call with this number.
    fn knows(&self, serial: Serial) -> bool {
        let after = self.over.partition_point(|(first, _)| *first <= serial.0);
        let over = after.checked_sub(1).and_then(|at| self.over.get(at));
        over.is_some_and(|(_, last)| serial.0 <= *last)
            || self.open.iter().any(|(other, ..)| *other == serial)
    }

    /// A call is over.
    fn finish(&mut self, serial: u64) {
        let after = self.over.partition_point(|(first, _)| *first <= serial);
        let before = after.checked_sub(1);
        match before.filter(|at| self.over[*at].1.checked_add(1) == Some(serial)) {
            Some(at) => self.over[at].1 = serial,
            None => self.over.insert(after, (serial, serial)),
        }
    }
}
