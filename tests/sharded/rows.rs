//! The rows. Those of the first course have the names that it gave them: `TestBasic` is `basic_4a`
//! here, with what its parts are about. Its groups have numbers from 100; ours begin with 1.
//!
//! The mutants of a row are those of the controller and of the sharded store that it was seen to
//! find in one of 3 seeds, by an invariant, a wrong reply, a wait without end or a verdict: the one
//! that the fewest rows find comes first. No row finds K7 and K11: they need a deletion that is
//! late by a whole turn of a shard, and groups that exchange shards, which a balance never asks.

mod beyond;
mod controller;
mod store;

use shardscope_core::id::MutantId;
use shardscope_core::shardkv::Routing;
use shardscope_core::sim::Sharding;
use shardscope_core::time::Duration;

use crate::table::Row;

/// So many groups beside the controller's three servers. The first byte of a key says which of the
/// ten shards it is in.
const fn groups(groups: u16) -> Option<Sharding> {
    Some(Sharding {
        controllers: 3,
        groups,
        shards: 10,
        routing: Routing::FirstByte,
        poll: Duration::from_millis(50),
        pause_all: false,
        controller_mutant: MutantId::Paper,
    })
}

/// As most rows have it.
const LAB: Option<Sharding> = groups(3);

/// As many shards as there can be; which one a key is in is drawn by its hash.
const FINE: Option<Sharding> = match groups(2) {
    Some(sharding) => Some(Sharding { shards: 64, routing: Routing::Fnv, ..sharding }),
    None => None,
};

/// All rows, in three parts.
pub(crate) static ROWS: [&[Row]; 3] = [&controller::ROWS, &store::ROWS, &beyond::ROWS];
