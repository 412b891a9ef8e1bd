//! A shard in pieces, so that no message and no log entry is as large as all of it.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;

use serde::Serialize;

use crate::id::ClientId;
use crate::kv::{Kv, Reply, Text, Versioned};
use crate::machine::{Frame, Session, Sessions, encoded_len, varint_len};

/// A part of a shard's data and sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Piece {
    /// In the first piece: what the table of sessions is besides its entries.
    pub frame: Option<Frame>,
    /// Keys, in order.
    pub cells: Vec<(Text, Versioned)>,
    /// Sessions, in order.
    pub sessions: Vec<(ClientId, Session<Reply>)>,
}

impl Piece {
    /// Adds what it holds to a store. Sessions are left out unless `with_sessions`.
    pub(super) fn pour(&self, data: &mut Sessions<Kv>, with_sessions: bool) {
        data.machine_mut().absorb(self.cells.iter().map(|(key, cell)| (key, cell)));
        if with_sessions {
            if let Some(frame) = self.frame {
                data.set_frame(frame);
            }
            data.absorb(&self.sessions);
        }
    }
}

/// Takes a shard apart: keys in order, then sessions in order. There is at least one piece. None is
/// larger than half of `limit` bytes of its postcard encoding, unless a single key or session is:
/// then that is alone in its piece. So an entry with a piece leaves room in a log of `limit` bytes.
///
/// The split depends on nothing but the shard and the limit: every leader of the group makes the
/// same one, and goes on where another stopped.
pub fn split(data: &Sessions<Kv>, limit: Option<u64>) -> Vec<Arc<Piece>> {
    let mut cut = Cut { pieces: Vec::new(), open: Piece::default(), bytes: 0, limit };
    cut.open.frame = Some(data.frame());
    cut.bytes = encoded_len(&cut.open.frame);
    for (key, cell) in data.machine().iter() {
        cut.make_room(encoded_len(key) + encoded_len(cell));
        cut.open.cells.push((key.clone(), cell.clone()));
    }
    for (client, session) in data.table().iter() {
        cut.make_room(encoded_len(client) + encoded_len(session));
        cut.open.sessions.push((*client, session.clone()));
    }
    cut.close();
    cut.pieces
}

/// Pieces so far, and the one that is being filled.
struct Cut {
    pieces: Vec<Arc<Piece>>,
    open: Piece,
    /// Bytes of the open piece, without the lengths of its lists.
    bytes: u64,
    limit: Option<u64>,
}

impl Cut {
    /// Begins another piece if one more thing of this size is too much for the open one.
    fn make_room(&mut self, bytes: u64) {
        let lists = self.open.cells.len().max(self.open.sessions.len()) as u64 + 1;
        let after = self.bytes + bytes + 2 * varint_len(lists);
        // Whatever is open holds something: the frame, or what was put in after it was opened.
        if self.limit.is_some_and(|limit| after > limit / 2) {
            self.close();
        }
        self.bytes += bytes;
    }

    fn close(&mut self) {
        self.pieces.push(Arc::new(mem::take(&mut self.open)));
        // The mark that there is no frame.
        self.bytes = 1;
    }
}
