//! Which shard a key belongs to.

use serde::{Deserialize, Serialize};

use crate::id::ShardId;
use crate::kv::fnv1a_32;

/// How keys are divided among shards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Routing {
    /// By the key's FNV-1a hash of 32 bits, modulo the number of shards: even, whatever the keys.
    #[default]
    Fnv,
    /// By the key's first byte, modulo the number of shards; the empty key counts as a byte of 0.
    /// A person can tell where a key is.
    FirstByte,
}

/// The shard of a key, among `shards` (0 counts as 1).
pub fn shard_of(key: &str, shards: u16, routing: Routing) -> ShardId {
    // The remainder is smaller than a number of 16 bits.
    ShardId((number_of(key, routing) % u32::from(shards.max(1))) as u16)
}

/// What a key's shard is told by: its hash or its first byte.
pub fn number_of(key: &str, routing: Routing) -> u32 {
    match routing {
        Routing::Fnv => fnv1a_32(key.as_bytes()),
        Routing::FirstByte => key.bytes().next().map_or(0, u32::from),
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn keys_are_spread_by_hash_and_told_by_their_first_byte() {
        let mut counts = [0; 10];
        for n in 0..1_000 {
            counts[usize::from(shard_of(&format!("key {n}"), 10, Routing::Fnv).0)] += 1;
        }
        assert!(counts.iter().all(|count| (60..=140).contains(count)), "{counts:?}");
        let first = |key| shard_of(key, 10, Routing::FirstByte).0;
        assert_eq!([first("0"), first("1x"), first("9"), first(""), first("é")], [8, 9, 7, 0, 5]);
    }

    #[test]
    fn every_number_of_shards_has_room_for_every_key() {
        for shards in [0, 1, 2, 63, 64, u16::MAX] {
            for key in ["", "a", "ÿ", "some longer key"] {
                for routing in [Routing::Fnv, Routing::FirstByte] {
                    assert!(shard_of(key, shards, routing).0 < shards.max(1));
                }
            }
        }
    }
}
