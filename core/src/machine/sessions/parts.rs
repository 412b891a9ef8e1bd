//! Sessions taken apart and put together again, so that they can travel in pieces.

use serde::{Deserialize, Serialize};

use super::{Machine, Session, Sessions};
use crate::id::ClientId;

/// Above this number of calls a frame is not believed: no run comes that far, and counting on
/// from it would overflow.
const MAX_CALLS: u64 = 1 << 62;

/// What a table of sessions is besides its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Frame {
    /// The highest client id that was ever evicted.
    pub floor: ClientId,
    /// How many calls were executed.
    pub calls: u64,
    /// The most sessions that are remembered.
    pub limit: u32,
}

impl<M: Machine> Sessions<M> {
    /// What the table is besides its entries.
    pub const fn frame(&self) -> Frame {
        Frame { floor: self.floor, calls: self.calls, limit: self.limit }
    }

    /// Takes over what another table is besides its entries.
    pub fn set_frame(&mut self, frame: Frame) {
        self.floor = frame.floor;
        self.calls = frame.calls.min(MAX_CALLS);
        self.limit = frame.limit.max(1);
    }

    /// Takes over sessions as another table remembers them. Nothing is executed.
    pub fn absorb(&mut self, sessions: &[(ClientId, Session<M::Reply>)]) {
        for (client, session) in sessions {
            self.remember(*client, session.clone());
        }
    }

    /// The machine inside, to be changed past the sessions: for putting it together from pieces.
    pub const fn machine_mut(&mut self) -> &mut M {
        &mut self.machine
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::id::Serial;
    use crate::kv::{Command, Kv};
    use crate::machine::{Call, encoded_len};

    #[test]
    fn what_is_put_together_again_goes_on_as_the_original() {
        let mut original = Sessions::around(Kv::default(), 3);
        let call = |client, serial| {
            let command: Command = "append x a".parse().unwrap();
            Call { client: ClientId(client), serial: Serial(serial), command }
        };
        for n in 1..=5 {
            original.apply(&call(n, 1));
        }
        let mut copy = Sessions::around(Kv::default(), 9);
        copy.set_frame(original.frame());
        let sessions: Vec<_> =
            original.table().iter().map(|(id, session)| (*id, session.clone())).collect();
        copy.absorb(&sessions);
        *copy.machine_mut() = original.machine().clone();
        assert_eq!(copy, original);
        assert_eq!((copy.bytes(), copy.bytes()), (original.bytes(), encoded_len(&copy)));
        for again in [call(5, 1), call(1, 1), call(3, 2), call(8, 1), call(4, 2)] {
            assert_eq!(copy.apply(&again), original.apply(&again), "{again:?}");
        }
        assert_eq!(copy, original);
    }

    #[test]
    fn an_absurd_frame_does_no_harm() {
        let mut store = Sessions::around(Kv::default(), 3);
        store.set_frame(Frame { floor: ClientId(7), calls: u64::MAX, limit: 0 });
        for client in 8..10 {
            let command: Command = "append x a".parse().unwrap();
            store.apply(&Call { client: ClientId(client), serial: Serial(1), command });
        }
        assert_eq!((store.table().len(), store.floor()), (1, ClientId(8)));
        assert_eq!(store.bytes(), encoded_len(&store));
    }
}
