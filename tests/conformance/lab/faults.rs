//! What is done to servers and links.

use shardscope_core::rng::Rng;
use shardscope_core::sim::Action;

use super::super::row;
use super::{Check, LANES, Lab, node};

/// Faults.
impl Lab {
    pub(crate) fn is_connected(&self, server: usize) -> bool {
        self.connected[server]
    }

    pub(crate) fn is_up(&self, server: usize) -> bool {
        self.server(server).is_some()
    }

    /// Cuts a server off from all others.
    pub(crate) fn disconnect(&mut self, server: usize) -> Check {
        self.connected[server] = false;
        self.wire(server)
    }

    /// Joins a server to all others that are connected.
    pub(crate) fn connect(&mut self, server: usize) -> Check {
        self.connected[server] = true;
        self.wire(server)
    }

    fn wire(&mut self, server: usize) -> Check {
        for other in (0..self.servers()).filter(|other| *other != server) {
            let whole = self.connected[server] && self.connected[other];
            for (from, to) in [(node(server), node(other)), (node(other), node(server))] {
                if whole && self.world.is_cut(from, to) {
                    self.act(&Action::Mend { from, to })?;
                } else if !whole && !self.world.is_cut(from, to) {
                    self.act(&Action::Cut { from, to })?;
                }
            }
        }
        Ok(())
    }

    /// Cuts a server off and stops it; what is not on its disk is gone.
    pub(crate) fn crash(&mut self, server: usize) -> Check {
        self.disconnect(server)?;
        if self.is_up(server) { self.act(&Action::Crash(node(server))) } else { Ok(()) }
    }

    /// Starts a server from its disk; one that runs crashes first. It is connected as before.
    pub(crate) fn restart(&mut self, server: usize) -> Check {
        if self.is_up(server) {
            self.act(&Action::Crash(node(server)))?;
        }
        self.act(&Action::Restart(node(server)))
    }

    /// Restarts a server and connects it.
    pub(crate) fn revive(&mut self, server: usize) -> Check {
        self.restart(server)?;
        self.connect(server)
    }

    pub(crate) fn set_unreliable(&mut self, unreliable: bool) -> Check {
        self.act(&Action::SetNetwork(row::network(unreliable)))
    }

    /// From here on, two of three replies are held up.
    pub(crate) fn reorder_for_long(&mut self) {
        let seed = self.world.scenario().seed;
        self.reorder = Some(Rng::keyed(&[seed, LANES[1]]));
    }
}
